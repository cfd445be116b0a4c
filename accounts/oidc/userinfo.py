"""What is told about a person to whom they allowed it (OpenID Connect Core §5.3), read from the rows as they are now."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from accounts.core.errors import InsufficientScope, InvalidDpopProof, TokenInvalid
from accounts.core.requests import Source
from accounts.tokens import dpop, issued
from accounts.tokens.claims import Claims

from . import claims, claims_asked, scopes, standing, troubles
from .models import Client
from .scopes import Scope


def told(token: str, *, scheme: str, shown: dpop.Shown, source: Source) -> tuple[dict[str, Any], Client]:
    """And whom they are told. Raises `TokenInvalid` and its kin, `InvalidDpopProof`, and `InsufficientScope` for a token without
    openid, or without a person (SECURITY O-22)."""
    found = issued.access_token(token)
    with _noted(found, source):
        proof = _proof_of_key(token, found, scheme, shown)
        _require_fit(found)
    client = standing.client_of(found)
    device = standing.device_of(found, client)
    if proof:
        with _noted(found, source):
            proof.spend()
    single = claims_asked.still_given(device, claims_asked.USERINFO, client)
    return claims.about(device.user, [*claims.under(standing.scopes_of(found)), *single]), client


@contextmanager
def _noted(found: Claims, source: Source) -> Iterator[None]:
    """The token is one of ours, so its client is at fault, and can be told."""
    try:
        yield
    except (TokenInvalid, InvalidDpopProof, InsufficientScope) as refusal:
        troubles.note(found.text("client_id"), refusal, {}, source=source)
        raise


def _require_fit(found: Claims) -> None:
    if not issued.is_about_a_person(found) or Scope.OPENID not in standing.scopes_of(found):
        raise InsufficientScope(Scope.OPENID)
    if scopes.userinfo() not in found.words("aud"):
        raise TokenInvalid("aud")


def _proof_of_key(token: str, found: Claims, scheme: str, shown: dpop.Shown) -> dpop.DpopProof | None:
    """A bound token comes with its proof, under its own scheme (RFC 9449 §7); not used up. Raises `TokenInvalid` and
    `InvalidDpopProof`."""
    is_bound = "cnf" in found
    if is_bound != (scheme == "dpop"):
        raise TokenInvalid("bound to a key, or not")
    return dpop.verify_of(found["cnf"]["jkt"], shown, access_token=token) if is_bound else None
