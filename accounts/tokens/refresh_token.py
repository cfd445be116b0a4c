"""The refresh token: `rt1.` and base64url(device id ‖ counter ‖ HMAC-SHA256). Computed, never stored."""

import hashlib
import hmac
import uuid
from dataclasses import dataclass

from accounts.core import secrets
from accounts.core.errors import TokenInvalid

from .compact import decode_canonical, encode

PREFIX = "rt1."
_ID_BYTES, _COUNTER_BYTES, _MAC_BYTES = 16, 4, 32


@dataclass(frozen=True, slots=True)
class Presented:
    """What a genuine token names: a device and a generation."""

    device_id: uuid.UUID
    counter: int


def make(device_id: uuid.UUID, counter: int, mac_key_id: str) -> str:
    """The same token for the same arguments, so a lost answer can be given again."""
    body = device_id.bytes + counter.to_bytes(_COUNTER_BYTES, "big")
    return PREFIX + encode(body + _mac(body, mac_key_id))


def read(token: str) -> Presented:
    """Raises `TokenInvalid`; no database is asked before the MAC holds (SECURITY R-14)."""
    if not token.startswith(PREFIX) or len(token) > 100 or not token.isascii():
        raise TokenInvalid("not a refresh token")
    raw = decode_canonical(token.removeprefix(PREFIX))
    if len(raw) != _ID_BYTES + _COUNTER_BYTES + _MAC_BYTES:
        raise TokenInvalid("length")
    body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    # Every key is tried, so that the time does not tell which one it was.
    if not any([hmac.compare_digest(mac, _mac(body, key_id)) for key_id in secrets.key_ring()]):  # noqa: C419
        raise TokenInvalid("mac")
    return Presented(uuid.UUID(bytes=body[:_ID_BYTES]), int.from_bytes(body[_ID_BYTES:], "big"))


def _mac(body: bytes, key_id: str) -> bytes:
    return hmac.new(secrets.derived("refresh-token", key_id), PREFIX.encode() + body, hashlib.sha256).digest()
