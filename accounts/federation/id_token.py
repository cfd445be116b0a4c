"""Verify the ID token of an upstream issuer (OpenID Connect Core 1.0 §3.1.3.7) and say whom it names.

What is checked comes from the setting alone; nothing in the token switches a check off (SECURITY J-28).
"""

from dataclasses import dataclass
from typing import Any

from accounts.core import gates
from accounts.core.clock import now
from accounts.core.errors import InvalidIdToken, TokenInvalid
from accounts.tokens import foreign
from accounts.tokens.claims import SKEW, Claims, check_times

from . import jwks, nonces
from .providers import Provider

LONGEST_LIFETIME = 86_400
"""Seconds; Apple's live for a day."""
ONCE_WINDOW = 300
"""Seconds that a token without a nonce is accepted after it was issued, where the provider allows that at all."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody is (issuer, subject). `email` may change hands, and counts only while `email_verified`."""

    provider: str
    label: str
    issuer: str
    subject: str
    email: str
    email_verified: bool
    name: str
    auth_time: int | None


def verify(provider: Provider, token: str, *, nonce: str = "") -> Identity:
    """Raises `InvalidIdToken`, or `Unavailable` when the issuer's keys cannot be had. The token is used up.

    `nonce`: ours, as the client was given it; may be left out when the token carries it unhashed.
    """
    try:
        claims = foreign.verify(
            token, find=lambda kid: jwks.find(provider, kid), algorithms=provider.algorithms, types={"", "jwt"}
        )
        _check(provider, claims)
        identity = _identity(provider, claims)
        _use_up(provider, token, claims, nonce)
    except TokenInvalid as error:
        raise InvalidIdToken(error.reason) from error
    return identity


def audiences(claims: Claims) -> list[str]:
    """One, or several (RFC 7519 §4.1.3). Raises `TokenInvalid` for anything else."""
    audience = claims.get("aud")
    return [audience] if isinstance(audience, str) else claims.words("aud")


def check_audience(provider: Provider, claims: Claims) -> None:
    """Every `aud` is an id of ours; so is `azp`, which several audiences make necessary (SECURITY F-01)."""
    named = audiences(claims)
    if not named or not set(named) <= set(provider.client_ids):
        raise TokenInvalid("aud")
    if ("azp" in claims or len(named) > 1) and claims.text("azp") not in provider.client_ids:
        raise TokenInvalid("azp")


def subject_of(value: Any) -> str:
    """A text that stays what it is wherever it is stored and compared (SECURITY F-08). Raises `TokenInvalid`."""
    if not isinstance(value, str) or not 0 < len(value) <= 255 or not value.isprintable() or value != value.strip():
        raise TokenInvalid("sub")
    return value


def _check(provider: Provider, claims: Claims) -> None:
    if claims.text("iss") != provider.issuer:
        raise TokenInvalid("iss")
    check_audience(provider, claims)
    check_times(claims, longest=LONGEST_LIFETIME)
    if "events" in claims:
        raise TokenInvalid("a notice, not an ID token")


def _identity(provider: Provider, claims: Claims) -> Identity:
    email, name = claims.get("email"), claims.get("name")
    verified = claims.get("email_verified")
    return Identity(
        provider=provider.name,
        label=provider.label,
        issuer=provider.issuer,
        subject=subject_of(claims.get("sub")),
        email=email if isinstance(email, str) else "",
        email_verified=verified is True or (provider.says_verified_as_text and verified == "true"),
        name=name[:150] if isinstance(name, str) and name.isprintable() else "",
        auth_time=claims.integer("auth_time") if "auth_time" in claims else None,
    )


def _use_up(provider: Provider, token: str, claims: Claims, given: str) -> None:
    """Once by its nonce; without one, where that is allowed, once by the hash of what was signed (SECURITY F-04)."""
    if provider.nonce_is_required or given or "nonce" in claims:
        carried = claims.text("nonce")
        nonce = nonces.read(provider, given or carried)
        if carried not in nonce.spellings:
            raise TokenInvalid("nonce of another sign-in")
        if claims.integer("iat") < nonce.made_at - SKEW:
            raise TokenInvalid("older than its nonce")
        nonce.use()
        return
    expires_at = claims.integer("iat") + ONCE_WINDOW + SKEW
    if expires_at <= now():
        raise TokenInvalid("iat")
    # Not the whole token: an ECDSA signature has a second spelling.
    if not gates.consume("id-token", token.rpartition(".")[0], expires_at=expires_at):
        raise TokenInvalid("used")
