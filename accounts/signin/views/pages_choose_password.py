"""/account/choose-password/: a password for somebody who signed in without one."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from accounts.browser.middleware import presence_of
from accounts.browser.redirects import SeeOther, own_path, to_confirm, to_sign_in
from accounts.core.errors import InsufficientUserAuthentication
from accounts.core.requests import source
from accounts.passwords import change
from accounts.signin import in_browser, step_up
from accounts.signin.forms import SetPasswordForm
from accounts.users.models import User


@method_decorator(never_cache, name="dispatch")
class ChoosePasswordView(View):
    """Only while there is none: a change of one asks for the current one, elsewhere. A guest adds an address first."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = presence_of(request)
        if found is None:
            return to_sign_in(request.get_full_path())
        self.grant, self.user = found.grant, User.objects.get(id=found.grant.user_id)
        if self.user.has_usable_password() or not self.user.email:
            return SeeOther(own_path(request))
        try:
            step_up.require_strongest(self.grant)
        except InsufficientUserAuthentication:
            return to_confirm(request.get_full_path())
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, SetPasswordForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SetPasswordForm(request.POST)
        if not form.is_valid():
            return self._page(request, form)
        new = form.cleaned_data["new_password"]
        try:
            change.choose(self.user, new, keep=self.grant.device_id, source=source(request))
        except ValidationError as error:
            form.add_error("new_password", error)
            return self._page(request, form)
        messages.success(request, _("Your password is set."))
        return SeeOther(own_path(request))

    def _page(self, request: HttpRequest, form: SetPasswordForm) -> HttpResponse:
        context: dict[str, Any] = {"next": own_path(request), "whose": self.user, "may_wait": settings.EMAIL_CODE_SIGN_IN}
        return in_browser.show(request, "passwords/choose.html", form, minimum_length=settings.PASSWORD_MIN_LENGTH, **context)
