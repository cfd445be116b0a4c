"""Access tokens (RFC 9068): issued for a device, verified once per distinct token, then known until `exp`."""

import uuid
from typing import Any

from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import AccessToken as SimpleAccessToken

from accounts.core.clock import now
from accounts.core.errors import TokenInvalid
from accounts.devices.models import Device
from accounts.keys import ring
from accounts.keys.models import SigningKey
from accounts.users.models import User
from accounts.users.roles import Authority, authority

from . import jose
from .cache import VerifiedCache
from .claims import Claims, check_times, encode_claims
from .gate import Admission
from .grant import CredentialKind, Grant, grant_of

TYP = "at+jwt"
LARGEST_CLAIMS = 4 * 1024
"""Bytes: a token of 6 KiB at most with header and signature. Above it the permissions stay out (SECURITY B-13)."""
_PURPOSE = SigningKey.Purpose.ACCESS.value


class AccessTokenBackend(TokenBackend):
    """simplejwt's backend with our ring behind it: several keys, `kid`, `typ`, and the strict verifier."""

    def encode(self, payload: dict[str, Any]) -> str:
        return jose.sign(payload, typ=TYP, purpose=_PURPOSE, algorithm=settings.ACCESS_TOKEN_ALGORITHM)

    def decode(self, token: str | bytes, verify: bool = True) -> Claims:
        """Raises `TokenInvalid`. There is no way to read a token without verifying it."""
        text = token.decode("ascii", "replace") if isinstance(token, bytes) else token
        return jose.verify(text, typ=TYP, purposes={_PURPOSE})


_backend = AccessTokenBackend(settings.ACCESS_TOKEN_ALGORITHM)


class AccessToken(SimpleAccessToken):
    """A verified access token; `grant` is what it says."""

    token_type = "access"
    lifetime = settings.ACCESS_TOKEN_LIFETIME
    _token_backend = _backend
    payload: Claims
    grant: Grant

    def __init__(self, token: str | bytes, verify: bool = True) -> None:
        super().__init__(token, verify=True)

    def verify(self) -> None:
        """Times, issuer, audience and the shape of every claim we use; raises `TokenInvalid` or `TokenExpired`."""
        claims = self.payload
        check_times(claims, longest=int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()))
        if claims.text("iss") != settings.PUBLIC_URL or settings.API_AUDIENCE not in claims.words("aud"):
            raise TokenInvalid("iss or aud")
        claims.text("jti")
        self.grant = grant_of(claims, CredentialKind.BEARER, _carried(claims))

    @classmethod
    def for_user(cls, user: Any) -> "AccessToken":
        raise TypeError("Tokens are issued for a device of an admitted user: accounts.tokens.access.issue().")


def issue(admission: Admission, device: Device, *, scope: str) -> str:
    """A signed access token of `ACCESS_TOKEN_LIFETIME` for this device."""
    current = now()
    claims = {
        "iss": settings.PUBLIC_URL,
        "sub": str(admission.user.id),
        "aud": [settings.API_AUDIENCE],
        "exp": current + int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()),
        "iat": current,
        "jti": uuid.uuid4().hex,
        "epoch": admission.user.epoch,
        "client_id": device.client_id,
        "scope": scope,
        "sid": str(device.id),
        "auth_time": device.auth_time,
        "acr": device.acr,
        "amr": device.amr,
        **({"cnf": {"jkt": device.jkt}} if device.jkt else {}),
    }
    return _backend.encode({**claims, **_authority_claims(claims, admission.user)})


def verify(token: str) -> AccessToken:
    """A live access token of ours. Raises `TokenInvalid`, `TokenExpired`, `TokenStale`, `DeviceRevoked`, `Unavailable`."""
    verified = _cache.get(token)
    if verified is None or verified.grant.expires_at <= now():
        verified = AccessToken(token)
        _cache.put(token, verified)
    verified.grant.refuse_revoked()
    return verified


def _authority_claims(claims: dict[str, Any], user: User) -> dict[str, Any]:
    held = authority(user.id, user.epoch, superuser=user.is_superuser)
    roles = {"roles": list(held.roles)}
    if held.superuser:
        return {**roles, "superuser": True}
    complete = {**roles, "permissions": sorted(held.permissions)}
    return complete if len(encode_claims({**claims, **complete})) <= LARGEST_CLAIMS else {}


def _carried(claims: Claims) -> Authority | None:
    if claims.get("superuser") is True:
        return Authority(tuple(claims.words("roles")), superuser=True)
    if "permissions" not in claims:
        return None
    return Authority(tuple(claims.words("roles")), frozenset(claims.words("permissions")))


_cache: VerifiedCache[AccessToken] = VerifiedCache()
ring.on_reload(_cache.clear)


def forget() -> None:
    """For tests: verify every token anew."""
    _cache.clear()
