"""/account/security/password/: change the password, or choose a first one."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.core.errors import InvalidInput, TooManyAttempts
from accounts.lifecycle.forms import NewPasswordForm, PasswordChangeForm
from accounts.lifecycle.own_page import OwnPage
from accounts.passwords import change, judging
from accounts.signin import step_up


class PasswordView(OwnPage):
    """Whoever has a password shows it; whoever has none proves in another way who they are."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not self.user.has_usable_password():
            change.require_address(self.user)
            step_up.require_strongest(self.grant)
        return self._page(request, self._form_class()())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self._form_class()(request.POST)
        if not form.is_valid():
            judging.judge(form, "new_password", self.user)
            return self._page(request, form, status=400)
        try:
            self._store(form.cleaned_data)
        except ValidationError as error:
            form.add_error("new_password", error)
        except InvalidInput as refusal:
            form.add_error("current_password", _(refusal.says))
            judging.judge(form, "new_password", self.user)
        except TooManyAttempts as refusal:
            form.add_error(None, _(refusal.detail))
            return self._page(request, form, status=429, headers=refusal.headers)
        else:
            return self.done(request, _("Your password is set. All other devices have been signed out."))
        return self._page(request, form, status=400)

    def _store(self, given: dict[str, str]) -> None:
        new, keep = given["new_password"], self.device.id
        if self.user.has_usable_password():
            change.change(self.user, given["current_password"], new, keep=keep, source=self.source)
        else:
            step_up.require_strongest(self.grant)
            change.choose(self.user, new, keep=keep, source=self.source)

    def _form_class(self) -> type[NewPasswordForm]:
        return PasswordChangeForm if self.user.has_usable_password() else NewPasswordForm

    def _page(
        self, request: HttpRequest, form: NewPasswordForm, status: int = 200, headers: dict[str, str] | None = None
    ) -> HttpResponse:
        shown = {"form": form, "account": self.user, "minimum_length": settings.PASSWORD_MIN_LENGTH}
        response = render(request, "lifecycle/password.html", shown, status=status)
        for name, value in (headers or {}).items():
            response[name] = value
        return response
