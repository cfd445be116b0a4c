"""How the tokens travel: in the body, or in a cookie. The client chooses by `X-Token-Transport`."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token, rotate_token
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser import cookies
from accounts.core.errors import InvalidInput, OriginNotAllowed
from accounts.core.requests import source
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.tokens import dpop, pair, scopes
from accounts.tokens.dpop import DpopProof
from accounts.tokens.gate import Admission

from . import evidence, known_device
from .entry import Entry

HEADER = "X-Token-Transport"
CSRF_HEADER = "X-CSRFToken"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def chosen(request: Request) -> str:
    """Raises `OriginNotAllowed` for a cookie asked from elsewhere; a custom header cannot be sent across origins unasked."""
    if request.headers.get(HEADER, "").lower() != Device.Transport.COOKIE:
        return Device.Transport.BEARER
    origin = request.headers.get("Origin")
    if origin is not None and origin not in {settings.PUBLIC_URL, *settings.CORS_ALLOWED_ORIGINS}:
        raise OriginNotAllowed
    return Device.Transport.COOKIE


def key(request: Request) -> DpopProof | None:
    """The key that the `DPoP` header proves, not used up; None without the header.

    Raises `InvalidDpopProof`, `UseDpopNonce`, and `InvalidInput` beside cookies: nothing would be bound to the key.
    """
    shown = dpop.shown(request._request)
    if shown.proof is None:
        return None
    if chosen(request) == Device.Transport.COOKIE:
        raise InvalidInput("DPoP", "not_with_cookies", "A cookie is not bound to a key. Leave the header out.")
    return dpop.verify(shown)


def entry(request: Request, fields: Mapping[str, Any]) -> Entry:
    """The terms of a sign-in from a request's checked `device` and `scope`, and the key it shows. Raises `InvalidInput`,
    `OriginNotAllowed`, `InvalidDpopProof`, `UseDpopNonce`."""
    described = fields.get("device", {})
    return Entry(
        source=source(request._request),
        transport=chosen(request),
        scope=scopes.requested(fields.get("scope", "")),
        description=Description(described.get("name", ""), described.get("platform", "")),
        evidence=evidence.in_request(request._request, described.get("refresh", "")),
        dpop=key(request),
    )


def answer(
    request: Request, admission: Admission, device: Device, *, scope: str | None = None, remember: bool = False
) -> Response:
    """200 with the pair, or with cookies in its place."""
    if device.transport != Device.Transport.COOKIE:
        return Response(pair.make(admission, device, scope=scope), headers=NO_STORE)
    body: dict[str, Any] = pair.without_tokens(device, device.scope)
    response = Response(body, headers=NO_STORE)
    sign_browser_in(request._request, response, admission, device, remember=remember)
    return _with_csrf_token(request, response)


def stepped_up(request: Request, admission: Admission, device: Device) -> Response:
    """A fresh access token, no wider than the one that asked, or a fresh cookie. The refresh token stays as it is."""
    held = request.auth.grant.scopes  # type: ignore[union-attr]
    scope = " ".join(word for word in device.scope.split() if word in held)
    body = pair.access_only(admission, device, scope)
    if device.transport == Device.Transport.COOKIE:
        body = {"expires_in": body["expires_in"], "scope": body["scope"]}
    response = Response({**body, "acr": device.acr, "auth_time": device.auth_time}, headers=NO_STORE)
    if device.transport == Device.Transport.COOKIE:
        renew_browser(request._request, response, admission, device)
        return _with_csrf_token(request, response)
    return response


def renew_browser(http_request: HttpRequest, response: HttpResponse, admission: Admission, device: Device) -> None:
    """After every proof: the sign-in cookie and a new CSRF token (SECURITY C-08)."""
    cookies.set_sign_in(response, admission, device)
    rotate_token(http_request)


def sign_browser_in(
    http_request: HttpRequest, response: HttpResponse, admission: Admission, device: Device, *, remember: bool = False
) -> None:
    """As `renew_browser`, and the known-device mark."""
    renew_browser(http_request, response, admission, device)
    previous = evidence.in_request(http_request)
    mark = known_device.mark(admission.user, device, remember=remember, previous=previous)
    cookies.set_known_device(response, mark)


def _with_csrf_token(request: Request, response: Response) -> Response:
    """A script of another origin cannot read our CSRF cookie; CORS decides whether it may read this."""
    response[CSRF_HEADER] = get_token(request._request)
    return response
