"""POST /oauth/device (RFC 8628 §3.1), and /account/device/, where somebody types the code."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.errors import TooManyAttempts
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.lifecycle.own_page import OwnPage
from accounts.oidc import authorization, device_codes, scopes
from accounts.oidc.endpoint import ClientEndpoint
from accounts.oidc.errors import UnauthorizedClient
from accounts.oidc.models import Client, DeviceAuthorization
from accounts.oidc.serializers import DeviceAuthorizationSerializer, DeviceCodeSerializer, OAuthErrorSerializer


class DeviceAuthorizationView(ClientEndpoint):
    @extend_schema(
        operation_id="oauth_device",
        tags=["OpenID Connect"],
        request={"application/x-www-form-urlencoded": DeviceAuthorizationSerializer},
        responses={200: DeviceCodeSerializer, 400: OAuthErrorSerializer, 401: OAuthErrorSerializer, **refusals(429, 503)},
    )
    def post(self, request: Request) -> Response:
        """Begin a sign-in on a device without a browser. It shows the `user_code`, and asks `/oauth/token` meanwhile."""
        if Client.Grant.DEVICE_CODE not in self.client.grants:
            raise UnauthorizedClient("device_code")
        asked = authorization.scopes_asked(self.client, self.given)
        code, waiting = device_codes.begin(self.client, asked, source=source(request._request))
        return Response(
            {
                "device_code": code,
                "user_code": device_codes.shown(waiting.user_code),
                "verification_uri": f"{settings.PUBLIC_URL}{reverse('account-device')}",
                "expires_in": device_codes.LIFETIME,
                "interval": waiting.interval,
            }
        )


class DevicePage(OwnPage):
    """The code is typed, never carried by a link; then the page says who asks, and only then can it be allowed."""

    home = "account-device"

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "oidc/device.html", {"here": "security"})

    def post(self, request: HttpRequest) -> HttpResponse:
        typed, choice = request.POST.get("user_code", ""), request.POST.get("choice", "")
        try:
            waiting = device_codes.find(typed, self.device)
        except TooManyAttempts as problem:
            return render(request, "oidc/device.html", {"here": "security", "refused": _(problem.detail)}, status=429)
        if waiting is None:
            return self._nothing_waits(request)
        if not choice:
            shown = {"waiting": waiting, "allowed": scopes.in_plain_words(waiting.scope.split()), "whose": self.user}
            return render(request, "oidc/device_confirm.html", {"here": "security", **shown})
        return self._answered(request, waiting, is_allowed=choice == "allow")

    def _answered(self, request: HttpRequest, waiting: DeviceAuthorization, *, is_allowed: bool) -> HttpResponse:
        said = _("Allowed. Go back to the device.") if is_allowed else _("The device stays out.")
        first = device_codes.allow(waiting, self.device, source=self.source) if is_allowed else device_codes.deny(waiting)
        return self.done(request, said) if first else self._nothing_waits(request)

    def _nothing_waits(self, request: HttpRequest) -> HttpResponse:
        refused = _("Nothing waits for this code. Look at it once more, or begin again on the device.")
        return render(request, "oidc/device.html", {"here": "security", "refused": refused}, status=400)
