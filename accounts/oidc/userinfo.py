"""What is told about a person to whom they allowed it (OpenID Connect Core §5.3), read from the rows as they are now."""

from typing import Any

from accounts.core.errors import InsufficientScope, TokenInvalid
from accounts.tokens import dpop, issued
from accounts.tokens.claims import Claims

from . import claims, claims_asked, scopes, standing
from .models import Client
from .scopes import Scope


def told(token: str, *, scheme: str, shown: dpop.Shown) -> tuple[dict[str, Any], Client]:
    """And whom they are told. Raises `TokenInvalid` and its kin, and `InsufficientScope` for a token without openid, or without
    a person (SECURITY O-22)."""
    found = issued.access_token(token)
    proof = _proof_of_key(token, found, scheme, shown)
    granted = standing.scopes_of(found)
    if not issued.is_about_a_person(found) or Scope.OPENID not in granted:
        raise InsufficientScope(Scope.OPENID)
    if scopes.userinfo() not in found.words("aud"):
        raise TokenInvalid("aud")
    client = standing.client_of(found)
    device = standing.device_of(found, client)
    if proof:
        proof.spend()
    single = claims_asked.still_given(device, claims_asked.USERINFO, client)
    return claims.about(device.user, [*claims.under(granted), *single]), client


def _proof_of_key(token: str, found: Claims, scheme: str, shown: dpop.Shown) -> dpop.DpopProof | None:
    """A bound token comes with its proof, under its own scheme (RFC 9449 §7); not used up. Raises `TokenInvalid` and
    `InvalidDpopProof`."""
    is_bound = "cnf" in found
    if is_bound != (scheme == "dpop"):
        raise TokenInvalid("bound to a key, or not")
    return dpop.verify_of(found["cnf"]["jkt"], shown, access_token=token) if is_bound else None
