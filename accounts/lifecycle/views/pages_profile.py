"""/account/profile/: name, language, and the e-mail address, whose change the new address confirms."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.browser import cookies, languages, pending, renewal
from accounts.browser.pending import Pending
from accounts.browser.redirects import SeeOther
from accounts.core.errors import InvalidCode, InvalidInput
from accounts.lifecycle import directory, email_change
from accounts.lifecycle.forms import CodeForm, NewEmailForm, ProfileForm
from accounts.lifecycle.own_page import OwnPage
from accounts.signin import step_up
from accounts.users.languages import spoken


class ProfileView(OwnPage):
    home = "account-profile"

    def get(self, request: HttpRequest) -> HttpResponse:
        # Whoever has chosen none reads these pages in one all the same: saved with the rest, it is that of their mails too.
        language = spoken(self.user.language) or translation.get_language()
        return self._page(request, ProfileForm(initial={"name": self.user.name, "language": language}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        directory.rename_oneself(self.user.id, form.cleaned_data["name"], source=self.source)
        directory.speak(self.user.id, form.cleaned_data["language"])
        languages.speak(form.cleaned_data["language"])
        response = self.done(request, _("Your profile has been saved."))
        cookies.set_sign_in(response, *renewal.renew(request))
        return response

    def _page(self, request: HttpRequest, form: ProfileForm, status: int = 200) -> HttpResponse:
        shown = {"here": "profile", "form": form, "account": self.user, "languages": settings.LANGUAGES}
        return render(request, "lifecycle/profile.html", shown, status=status)


class EmailView(OwnPage):
    """Ask for another address, or for a guest's first one."""

    home = "account-profile"

    def get(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        return self._page(request, NewEmailForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        step_up.require_strongest(self.grant)
        form = NewEmailForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        try:
            address = email_change.request(self.user, form.cleaned_data["email"], source=self.source)
        except ValidationError as error:
            form.add_error("email", error)
            return self._page(request, form, status=400)
        response = SeeOther(reverse("account-email-code"))
        pending.remember(response, Pending.EMAIL_CHANGE, email=address)
        return response

    def _page(self, request: HttpRequest, form: NewEmailForm, status: int = 200) -> HttpResponse:
        return render(request, "lifecycle/email.html", {"form": form, "account": self.user}, status=status)


class EmailCodeView(OwnPage):
    """The code that went to the new address."""

    home = "account-profile"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, CodeForm()) if _awaited(request) else SeeOther(reverse("account-email"))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=400)
        try:
            code = form.cleaned_data["code"]
            email_change.confirm_by_code(_awaited(request), code, user_id=self.user.id, source=self.source)
        except (InvalidCode, InvalidInput) as refusal:
            form.add_error("code", _(refusal.says if isinstance(refusal, InvalidInput) else refusal.detail))
            return self._page(request, form, status=400)
        response = self.done(request, _("Your e-mail address has been changed."))
        pending.forget(response, Pending.EMAIL_CHANGE)
        return response

    def _page(self, request: HttpRequest, form: CodeForm, status: int = 200) -> HttpResponse:
        shown = {"form": form, "email": _awaited(request)}
        return render(request, "lifecycle/email_code.html", shown, status=status)


def _awaited(request: HttpRequest) -> str:
    """The address that a code went to from this browser; empty when there is none."""
    return pending.recall(request, Pending.EMAIL_CHANGE).get("email", "")
