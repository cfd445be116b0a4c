"""The nonce of an ID token is ours: made here, good for ten minutes and for one sign-in (SECURITY F-04).

It is expiry ‖ random ‖ HMAC-SHA256, bound to one provider, so nothing is stored until it is used.
"""

import hashlib
import hmac
import os
from dataclasses import dataclass

from accounts.core import gates, secrets
from accounts.core.clock import now
from accounts.core.errors import TokenInvalid
from accounts.tokens.compact import decode_canonical, encode

from .providers import Provider

LIFETIME = 600
_EXPIRY_BYTES, _RANDOM_BYTES, _MAC_BYTES = 5, 16, 32
_BODY_BYTES = _EXPIRY_BYTES + _RANDOM_BYTES


@dataclass(frozen=True, slots=True)
class Nonce:
    """A genuine one, in time; `use` makes it used. `expires_at` in Unix seconds."""

    value: str
    expires_at: int

    @property
    def made_at(self) -> int:
        return self.expires_at - LIFETIME

    @property
    def spellings(self) -> tuple[str, str, str]:
        """As it is, and its SHA-256 as hex and as base64url: native SDKs hash it before the issuer sees it."""
        digest = hashlib.sha256(self.value.encode()).digest()
        return self.value, digest.hex(), encode(digest)

    def use(self) -> None:
        """Raises `TokenInvalid` for everybody but the first."""
        if not gates.consume("federation-nonce", self.value, expires_at=self.expires_at):
            raise TokenInvalid("nonce was used")


def make(provider: Provider) -> str:
    body = (now() + LIFETIME).to_bytes(_EXPIRY_BYTES, "big") + os.urandom(_RANDOM_BYTES)
    return encode(body + _mac(provider, body, secrets.primary_key_id()))


def read(provider: Provider, value: str) -> Nonce:
    """Raises `TokenInvalid` for one that is not ours, was made for another provider, or has run out."""
    if len(value) > 100 or not value.isascii():
        raise TokenInvalid("nonce")
    raw = decode_canonical(value)
    body, mac = raw[:_BODY_BYTES], raw[_BODY_BYTES:]
    # Every key is tried, so that the time does not tell which one it was.
    if len(mac) != _MAC_BYTES or not any(
        [hmac.compare_digest(mac, _mac(provider, body, key_id)) for key_id in secrets.key_ring()]  # noqa: C419
    ):
        raise TokenInvalid("nonce is not ours")
    expires_at = int.from_bytes(body[:_EXPIRY_BYTES], "big")
    if expires_at <= now():
        raise TokenInvalid("nonce has run out")
    return Nonce(value, expires_at)


def _mac(provider: Provider, body: bytes, key_id: str) -> bytes:
    return hmac.new(secrets.derived("federation-nonce", key_id), provider.name.encode() + b"." + body, hashlib.sha256).digest()
