"""What every page about one's own account shares: who is there, what leads away, and refusals as a notice."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import View

from accounts.browser import languages
from accounts.browser.middleware import presence_of
from accounts.browser.presence import live_device
from accounts.browser.redirects import SeeOther, to_confirm, to_sign_in
from accounts.core.errors import InsufficientUserAuthentication, Problem
from accounts.core.requests import Source, source
from accounts.devices.models import Device
from accounts.tokens.grant import Grant
from accounts.users.models import User


class OwnPage(View):
    """In the language of its owner, who is read from the database and not from the cookie.

    `home` names the page to which a refusal leads. A proof that is missing leads to the page that asks for it, and back.
    """

    home = "account-security"
    grant: Grant
    device: Device
    user: User
    source: Source

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = presence_of(request)
        device = live_device(found.grant.device_id) if found else None
        if found is None or device is None:
            return to_sign_in(self.back)
        self.grant, self.device, self.user, self.source = found.grant, device, device.user, source(request)
        languages.speak(self.user.language)
        try:
            return super().dispatch(request, *args, **kwargs)
        except InsufficientUserAuthentication:
            return to_confirm(self.back)
        except Problem as refusal:
            return self._refused(request, refusal)

    @property
    def back(self) -> str:
        """This page, or for what can only be posted the page that has its button."""
        return reverse(self.home) if type(self).get is OwnPage.get else self.request.path

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """For what can only be posted: to the page that has its button."""
        return SeeOther(reverse(self.home))

    def done(self, request: HttpRequest, text: str, page: str = "") -> SeeOther:
        messages.success(request, text)
        return SeeOther(reverse(page or self.home))

    def _refused(self, request: HttpRequest, refusal: Problem) -> SeeOther:
        """Raises what is nobody's fault: it is answered with its own page."""
        if refusal.status >= 500:
            raise refusal
        messages.error(request, _(refusal.detail))
        return SeeOther(reverse(self.home))
