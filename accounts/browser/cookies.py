"""The browser's cookies: what they hold, how they are read from the raw header, how they are set and cleared."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.core.errors import TokenInvalid
from accounts.devices.models import Device
from accounts.tokens import sealed
from accounts.tokens.claims import Claims
from accounts.tokens.gate import Admission
from accounts.tokens.grant import CredentialKind, grant_of
from accounts.users.models import User


def set_sign_in(response: HttpResponse, admission: Admission, device: Device) -> None:
    """The sign-in cookie: trusted for ten minutes, then renewed against the device row."""
    claims = {"sub": str(admission.user.id), "sid": str(device.id), **current_claims(admission.user, device)}
    lifetime = round((device.expires_at - device.created_at).total_seconds())
    _set(response, settings.COOKIE_NAME, sealed.seal(sealed.COOKIE, claims), lifetime)


def current_claims(user: User, device: Device) -> dict[str, Any]:
    """What the cookie says of the two rows as they are now."""
    return {
        "epoch": user.epoch,
        "client_id": device.client_id,
        "superuser": user.is_superuser,
        "scope": device.scope,
        "auth_time": device.auth_time,
        "acr": device.acr,
        "amr": device.amr,
        "language": user.language,
    }


def set_known_device(response: HttpResponse, value: str) -> None:
    _set(response, settings.KNOWN_DEVICE_COOKIE_NAME, value, sealed.KNOWN_DEVICE.lifetime)


def clear_sign_in(response: HttpResponse) -> None:
    """Expired with the attributes it was set with, or a browser keeps it."""
    _set(response, settings.COOKIE_NAME, "", 0)


def read_sign_in(request: HttpRequest) -> Claims | None:
    """The claims of a genuine cookie, run out or not; None for a missing, doubled or broken one."""
    value = single_cookie(request, settings.COOKIE_NAME)
    if not value:
        return None
    try:
        claims = sealed.unseal(sealed.COOKIE, value, may_be_expired=True)
        grant_of(claims, CredentialKind.COOKIE)
    except TokenInvalid:
        return None
    return claims


def single_cookie(request: HttpRequest, name: str) -> str | None:
    """Two cookies of one name mean that somebody planted one: then neither counts (SECURITY C-07).

    Read from the raw header, because Django keeps the last of two; servers join two Cookie lines by `;` or `,`.
    """
    found = re.findall(rf"(?:^|[;,])\s*{re.escape(name)}=([^;,]*)", request.META.get("HTTP_COOKIE", ""))
    return found[0].strip() if len(found) == 1 else None


def _set(response: HttpResponse, name: str, value: str, max_age: int) -> None:
    response.set_cookie(name, value, max_age=max_age, path="/", secure=settings.SECURE_COOKIES, httponly=True, samesite="Lax")
