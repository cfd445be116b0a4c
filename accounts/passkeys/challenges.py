"""Challenges that authenticators sign: sealed, for one purpose and one person, minutes long, good once.

Nothing is stored when one is made, so asking for options costs an attacker's victim nothing.
"""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from accounts.core import gates
from accounts.core.errors import ChallengeInvalid, TokenInvalid
from accounts.tokens import sealed
from accounts.tokens.claims import Claims

LIFETIME = 300
_SEALED = sealed.SealedPurpose("passkey+jwt", LIFETIME)
_RANDOM_BYTES = 32


class Purpose(StrEnum):
    REGISTER = "register"
    AUTHENTICATE = "authenticate"
    CONFIRM = "confirm"
    SIGN_UP = "sign_up"


@dataclass(frozen=True, slots=True)
class Challenge:
    """`token` goes to the client and comes back, `value` is what the authenticator signs."""

    token: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Redeemed:
    """`email` and `name` are those of somebody who signs up."""

    value: bytes
    subject: str
    email: str
    name: str


def issue(purpose: Purpose, *, subject: str = "", email: str = "", name: str = "") -> Challenge:
    """The token is signed, not encrypted: nothing may go in that its asker should not read (SECURITY P-16)."""
    value = secrets.token_bytes(_RANDOM_BYTES)
    claims = {
        "purpose": purpose.value,
        "challenge": bytes_to_base64url(value),
        "subject": subject,
        "email": email,
        "name": name,
    }
    return Challenge(sealed.seal(_SEALED, claims), value)


def redeem(purpose: Purpose, token: str, *, subject: str | None = None) -> Redeemed:
    """Use it up, whatever becomes of the answer. Raises `ChallengeInvalid`, and leaves one of another purpose or person alone."""
    try:
        claims = sealed.unseal(_SEALED, token)
    except TokenInvalid as error:
        raise ChallengeInvalid(error.reason) from None
    if claims["purpose"] != purpose or (subject is not None and claims["subject"] != subject):
        raise ChallengeInvalid("purpose or subject")
    if not gates.consume("passkey-challenge", claims.text("jti"), expires_at=claims.integer("exp")):
        raise ChallengeInvalid("used")
    return _read(claims)


def _read(claims: Claims) -> Redeemed:
    return Redeemed(base64url_to_bytes(claims.text("challenge")), claims["subject"], claims["email"], claims["name"])
