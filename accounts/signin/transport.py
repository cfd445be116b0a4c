"""How the tokens travel: in the body, or in a cookie. The client chooses by `X-Token-Transport`."""

from typing import Any

from django.conf import settings
from django.middleware.csrf import get_token, rotate_token
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser import cookies
from accounts.core.errors import OriginNotAllowed
from accounts.devices.models import Device
from accounts.tokens import pair
from accounts.tokens.gate import Admission

from . import known_device

HEADER = "X-Token-Transport"
CSRF_HEADER = "X-CSRFToken"
_NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def chosen(request: Request) -> str:
    """Raises `OriginNotAllowed` for a cookie asked from elsewhere; a custom header cannot be sent across origins unasked."""
    if request.headers.get(HEADER, "").lower() != Device.Transport.COOKIE:
        return Device.Transport.BEARER
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {settings.PUBLIC_URL, *settings.CORS_ALLOWED_ORIGINS}:
        raise OriginNotAllowed
    return Device.Transport.COOKIE


def answer(request: Request, admission: Admission, device: Device, *, scope: str | None = None) -> Response:
    """200 with the pair, or with cookies in its place."""
    if device.transport != Device.Transport.COOKIE:
        return Response(pair.make(admission, device, scope=scope), headers=_NO_STORE)
    body: dict[str, Any] = pair.without_tokens(device, device.scope)
    response = Response(body, headers=_NO_STORE)
    sign_browser_in(request._request, response, admission, device)
    # A script of another origin cannot read our CSRF cookie; CORS decides whether it may read this.
    response[CSRF_HEADER] = get_token(request._request)
    return response


def sign_browser_in(http_request: Any, response: Any, admission: Admission, device: Device) -> None:
    """The sign-in cookie, the known-device mark, and a new CSRF token (SECURITY C-08)."""
    cookies.set_sign_in(response, admission, device)
    cookies.set_known_device(response, known_device.mark(admission.user.id, device.id))
    rotate_token(http_request)
