"""Tokens that only we read, each typed for one purpose: the browser cookie, the known-device mark, links."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.core.clock import now
from accounts.core.errors import TokenInvalid
from accounts.revocations.publish import SEALED_GRANT_LIFETIME

from . import jose
from .claims import Claims, check_times


@dataclass(frozen=True, slots=True)
class SealedPurpose:
    """`typ` names the key and the header; `lifetime` in seconds."""

    typ: str
    lifetime: int


COOKIE = SealedPurpose("sso+jwt", SEALED_GRANT_LIFETIME)
KNOWN_DEVICE = SealedPurpose("known-device+jwt", 365 * 86_400)
DOWNLOAD_LINK = SealedPurpose("link+jwt", 60)
MAIL_LINK = SealedPurpose("mail-link+jwt", 14 * 86_400)


def seal(purpose: SealedPurpose, claims: Mapping[str, Any], *, lifetime: int | None = None) -> str:
    """A token that only we read, for one purpose, with a `jti` of its own."""
    current = now()
    frame = {"iss": settings.PUBLIC_URL, "iat": current, "exp": current + (lifetime or purpose.lifetime), "jti": uuid.uuid4().hex}
    return jose.seal({**claims, **frame}, typ=purpose.typ)


def unseal(purpose: SealedPurpose, token: str, *, may_be_expired: bool = False) -> Claims:
    """Raises `TokenInvalid`, and `TokenExpired` unless the caller looks after that itself."""
    claims = jose.unseal(token, typ=purpose.typ)
    check_times(claims, longest=purpose.lifetime, expired_is_error=not may_be_expired)
    if claims.text("iss") != settings.PUBLIC_URL:
        raise TokenInvalid("iss")
    return claims
