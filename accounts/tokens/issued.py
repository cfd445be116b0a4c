"""Tokens of ours that come back from clients and services: read once, never from the cache of our own API.

Whoever asks reads the database too, so nothing here is in a hurry.
"""

from django.conf import settings

from accounts.core.errors import TokenInvalid
from accounts.keys.models import SigningKey
from accounts.revocations import feed

from . import access, for_clients, jose
from .claims import Claims, check_times
from .grant import CredentialKind, grant_of


def access_token(token: str) -> Claims:
    """The claims of a live access token, for whichever audience and about whomever. Raises `TokenInvalid` and its kin, or
    `Unavailable`."""
    claims = jose.verify(token, typ=access.TYP, purpose=SigningKey.Purpose.ACCESS)
    check_times(claims, longest=int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()))
    if claims.text("iss") != settings.PUBLIC_URL:
        raise TokenInvalid("iss")
    claims.words("aud")
    for client_id in (claims.text("client_id"), *actors_of(claims)):
        feed.refuse_stopped(kid=claims.kid, client_id=client_id, issued_at=claims.integer("iat"))
    if is_about_a_person(claims):
        grant_of(claims, CredentialKind.BEARER).refuse_revoked()
    return claims


def actors_of(claims: Claims) -> list[str]:
    """The services that act in somebody's name, the one that has the token first (RFC 8693 §4.1)."""
    found, actor = [], claims.get("act")
    while isinstance(actor, dict):
        found.append(str(actor.get("sub", "")))
        actor = actor.get("act")
    return found


def issued_to(claims: Claims) -> str:
    """The client that asked for it: the service that acts, where it was exchanged (docs/decisions/0024), else `client_id`."""
    return next(iter(actors_of(claims)), claims.text("client_id"))


def is_about_a_person(claims: Claims) -> bool:
    """A client that acts as itself has no `sid`, and its own id for `sub` (RFC 9068 §2.2)."""
    return "sid" in claims or claims.text("sub") != claims.text("client_id")


def id_token(token: str, *, client_id: str, algorithm: str) -> Claims:
    """A hint (OpenID Connect Core §3.1.2.1): an ID token of ours for this client, run out or not. Raises `TokenInvalid`."""
    claims = jose.verify(token, typ=for_clients.ID_TOKEN_TYP, purpose=SigningKey.for_id_tokens(algorithm))
    check_times(claims, longest=for_clients.ID_TOKEN_LIFETIME, expired_is_error=False)
    if claims.text("iss") != settings.PUBLIC_URL or claims.text("aud") != client_id:
        raise TokenInvalid("iss or aud")
    claims.text("sub")
    return claims
