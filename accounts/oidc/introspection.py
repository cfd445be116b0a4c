"""Introspection (RFC 7662): is this token good now? Told to its client, to whom it was issued, and to the service that it is for
(SECURITY O-37)."""

from typing import Any

from accounts.core.errors import Problem, TokenInvalid, Unavailable
from accounts.devices.models import Device
from accounts.tokens import gate, issued, refresh, refresh_token
from accounts.tokens.claims import Claims

from . import consents, standing
from .models import Client, Service

INACTIVE = {"active": False}
_TOLD = ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "sid", "auth_time", "acr", "amr", "roles", "cnf", "act")


def introspect(caller: Client, token: str) -> dict[str, Any]:
    """One and the same answer for everything that is not good, or not the caller's to know. Raises `Unavailable`."""
    try:
        if token.startswith(refresh_token.PREFIX):
            return _refresh_token(caller, token)
        found = issued.access_token(token)
        _require_concerned(caller, found)
        client = standing.client_of(found)
        if issued.is_about_a_person(found):
            standing.device_of(found, client)
    except Unavailable:
        raise
    except Problem:
        return INACTIVE
    return {
        "active": True,
        "token_type": "DPoP" if "cnf" in found else "Bearer",
        **{name: found[name] for name in _TOLD if name in found},
    }


def _require_concerned(caller: Client, found: Claims) -> None:
    """Raises `TokenInvalid`."""
    is_of_service = Service.objects.filter(client=caller, audience__in=found.words("aud")).exists()
    if caller.id not in {found.text("client_id"), issued.issued_to(found)} and not is_of_service:
        raise TokenInvalid("a stranger asks")


def _refresh_token(caller: Client, token: str) -> dict[str, Any]:
    presented = refresh_token.read(token)
    device = refresh.live_device(presented)
    if device.client_id != caller.id or device.counter != presented.counter:
        return INACTIVE
    gate.admit_again(device.user, acr=device.acr)
    consents.require(device.user_id, caller, device.scope.split())
    return {"active": True, "client_id": caller.id, "sub": str(device.user_id), "scope": device.scope, "exp": _end_of(device)}


def _end_of(device: Device) -> int:
    return int(min(device.idle_expires_at, device.expires_at).timestamp())
