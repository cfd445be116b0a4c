"""What is told about a person to whom they allowed it (OpenID Connect Core §5.3), read from the rows as they are now."""

from typing import Any

from accounts.core.errors import InsufficientScope, TokenInvalid
from accounts.tokens import issued
from accounts.users.models import User

from . import scopes, standing
from .models import Client
from .scopes import Scope

CLAIMS = {
    Scope.OPENID: ("sub",),
    Scope.PROFILE: ("name", "locale"),
    Scope.EMAIL: ("email", "email_verified"),
}


def claims(token: str) -> tuple[dict[str, Any], Client]:
    """And whom they are told. Raises `TokenInvalid` and its kin, and `InsufficientScope` for a token without openid, or without
    a person (SECURITY O-22)."""
    found = issued.access_token(token)
    granted = standing.scopes_of(found)
    if not issued.is_about_a_person(found) or Scope.OPENID not in granted:
        raise InsufficientScope(Scope.OPENID)
    if scopes.userinfo() not in found.words("aud"):
        raise TokenInvalid("aud")
    client = standing.client_of(found)
    device = standing.device_of(found, client)
    known = _about(device.user)
    return {name: known[name] for scope in CLAIMS if scope in granted for name in CLAIMS[scope] if name in known}, client


def _about(user: User) -> dict[str, Any]:
    """`email_verified` is about the address of now, which its owner has proved (SECURITY O-24)."""
    return {
        "sub": str(user.id),
        **({"name": user.name} if user.name else {}),
        **({"locale": user.language} if user.language else {}),
        **({"email": user.email, "email_verified": user.email_verified_at is not None} if user.email else {}),
    }
