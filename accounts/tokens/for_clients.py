"""What clients of the OpenID provider are given: access tokens for one service (RFC 9068), ID tokens, logout tokens.

An access token about somebody is made for a device, behind the gate, like those of our own app; only the claims differ.
"""

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from django.conf import settings

from accounts.core.clock import now
from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.users.roles import authority

from . import access, compact, jose
from .claims import encode_claims
from .gate import Admission

ID_TOKEN_LIFETIME = 300
LOGOUT_TOKEN_LIFETIME = 120
"""Seconds."""
ID_TOKEN_TYP, LOGOUT_TOKEN_TYP = "JWT", "logout+jwt"
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_HALF_OF_HASH = {"RS256": hashlib.sha256, "ES256": hashlib.sha256, "Ed25519": hashlib.sha512}


def access_token(admission: Admission, device: Device, *, scope: str, audience: str) -> str:
    """For this audience alone, and bound to the key of the device if that has one."""
    user = admission.user
    claims = {**_frame(device.client_id, scope, audience, device.jkt), **_about(admission, device)}
    with_roles = {**claims, "roles": list(authority(user.id, user.epoch, superuser=user.is_superuser).roles)}
    # Too many of them stay out, as in our own tokens (SECURITY B-13).
    return _signed(with_roles if len(encode_claims(with_roles)) <= access.LARGEST_CLAIMS else claims)


def exchanged_token(
    admission: Admission, device: Device, *, scope: str, audience: str, act: dict[str, Any], ends_at: int, jkt: str = ""
) -> tuple[str, int]:
    """For a service that acts for somebody at another one (RFC 8693): of the same sign-in, and over when the token that was shown
    is, at `ends_at` (Unix seconds). Answers its lifetime in seconds too."""
    claims = {**_frame(device.client_id, scope, audience, jkt), **_about(admission, device), "act": act}
    claims["exp"] = min(claims["exp"], ends_at)
    return _signed(claims), claims["exp"] - claims["iat"]


def machine_token(client_id: str, *, scope: str, audience: str, jkt: str = "") -> str:
    """For a client that acts as itself: `sub` is the client, and there is no `sid` (RFC 9068 §2.2, SECURITY O-31)."""
    return _signed({**_frame(client_id, scope, audience, jkt), "sub": client_id})


def id_token(
    admission: Admission,
    device: Device,
    *,
    algorithm: str,
    access_token: str,
    nonce: str = "",
    asked: Mapping[str, Any],
) -> str:
    """Who signed in, when and how (OpenID Connect Core §2). What is personal is read from userinfo, unless it was `asked` for
    here, claim by claim (§5.5)."""
    current = now()
    claims = {
        "iss": settings.PUBLIC_URL,
        "sub": str(admission.user.id),
        "aud": device.client_id,
        "exp": current + ID_TOKEN_LIFETIME,
        "iat": current,
        "auth_time": device.auth_time,
        "acr": device.acr,
        "amr": device.amr,
        "sid": str(device.id),
        "at_hash": _half_hash(access_token, algorithm),
        **({"nonce": nonce} if nonce else {}),
        **asked,
    }
    return jose.sign(claims, typ=ID_TOKEN_TYP, purpose=SigningKey.for_id_tokens(algorithm), algorithm=algorithm)


def logout_token(client_id: str, *, sub: str, sid: str, algorithm: str) -> str:
    """This sign-in of this client is over (Back-Channel Logout §2.4): no nonce, and a `typ` of its own."""
    current = now()
    claims = {
        "iss": settings.PUBLIC_URL,
        "sub": sub,
        "aud": client_id,
        "iat": current,
        "exp": current + LOGOUT_TOKEN_LIFETIME,
        "jti": uuid.uuid4().hex,
        "events": {_LOGOUT_EVENT: {}},
        "sid": sid,
    }
    return jose.sign(claims, typ=LOGOUT_TOKEN_TYP, purpose=SigningKey.for_id_tokens(algorithm), algorithm=algorithm)


def _about(admission: Admission, device: Device) -> dict[str, Any]:
    return {
        "sub": str(admission.user.id),
        "epoch": admission.user.epoch,
        "sid": str(device.id),
        "auth_time": device.auth_time,
        "acr": device.acr,
        "amr": device.amr,
    }


def _frame(client_id: str, scope: str, audience: str, jkt: str) -> dict[str, Any]:
    current = now()
    return {
        "iss": settings.PUBLIC_URL,
        "aud": [audience],
        "exp": current + int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
        "iat": current,
        "jti": uuid.uuid4().hex,
        "client_id": client_id,
        "scope": scope,
        **({"cnf": {"jkt": jkt}} if jkt else {}),
    }


def _signed(claims: Mapping[str, Any]) -> str:
    return jose.sign(claims, typ=access.TYP, purpose=SigningKey.Purpose.ACCESS, algorithm=settings.ACCESS_TOKEN_ALGORITHM)


def _half_hash(text: str, algorithm: str) -> str:
    """`at_hash` (OpenID Connect Core §3.1.3.6): the left half, by the hash of the signature's algorithm."""
    whole = _HALF_OF_HASH[algorithm](text.encode()).digest()
    return compact.encode(whole[: len(whole) // 2])
