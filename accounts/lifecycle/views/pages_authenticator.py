"""/account/security/authenticator/ and …/recovery-codes/: the second step of one's own account."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.browser.redirects import SeeOther
from accounts.core.errors import InvalidCode
from accounts.lifecycle.forms import CodeForm
from accounts.lifecycle.own_page import OwnPage
from accounts.mfa import factors, recovery_codes, totp
from accounts.signin import step_up, steps, transport


class AuthenticatorView(OwnPage):
    """POST makes the secret: it is on this one answer and cannot be read again (SECURITY P-11)."""

    def get(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        if factors.has_authenticator(self.user.id):
            return SeeOther(reverse(self.home))
        return render(request, "lifecycle/authenticator.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        enrolment = totp.begin(self.user.id, account_name=str(self.user))
        return render(request, "lifecycle/authenticator_code.html", {"enrolment": enrolment, "form": CodeForm()})


class AuthenticatorConfirmView(OwnPage):
    """The first code. A wrong one can be tried again without a new picture: the app holds the secret already."""

    def get(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        return self._page(request, CodeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        try:
            codes = totp.confirm(self.user.id, form.cleaned_data["code"], source=self.source, device_id=self.device.id)
        except InvalidCode:
            form.add_error(
                "code", _("That is not the code the app shows now. Check the time of your phone and try the next one.")
            )
            return self._page(request, form, status=400)
        response = render(request, "lifecycle/recovery_codes_shown.html", {"codes": codes, "is_new_app": True})
        if raised := step_up.enrolled(self.grant, source=self.source):
            transport.renew_browser(request, response, *raised)
        return response

    def _page(self, request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
        return render(request, "lifecycle/authenticator_code.html", {"form": form}, status=status)


class AuthenticatorRemoveView(OwnPage):
    def get(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        return render(request, "lifecycle/authenticator_remove.html")

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        with steps.removing(totp.FACTOR, self.user.id):
            totp.remove(self.user.id, actor_id=self.user.id, source=self.source, device_id=self.device.id)
        return self.done(request, _("The authenticator app has been removed, and its recovery codes with it."))


class RecoveryCodesView(OwnPage):
    """POST answers the new set, once; they are kept as hashes alone."""

    def get(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        return render(request, "lifecycle/recovery_codes.html", {"left": recovery_codes.left(self.user.id)})

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        codes = recovery_codes.renew(self.user.id, source=self.source, device_id=self.device.id)
        return render(request, "lifecycle/recovery_codes_shown.html", {"codes": codes})
