"""The key-encryption keys of `ENCRYPTION_KEYS`, and the purpose keys derived from them (HKDF, RFC 5869).

The first key encrypts and signs; all of them decrypt and verify, so that the list can be rotated without signing anybody out.
"""

import base64
import hashlib
from functools import cache, lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from .errors import Problem


class UnknownKey(Problem):
    """A key id that `ENCRYPTION_KEYS` no longer holds."""

    code = "unknown_key"
    status = 500


@cache
def _ring(encoded: tuple[str, ...]) -> dict[str, bytes]:
    keys = [base64.urlsafe_b64decode(text) for text in encoded]
    return {hashlib.sha256(b"signet key id" + key).hexdigest()[:8]: key for key in keys}


def key_ring() -> dict[str, bytes]:
    """Key id → 32 bytes, the encrypting one first."""
    return _ring(tuple(settings.ENCRYPTION_KEYS))


def primary_key_id() -> str:
    return next(iter(key_ring()))


def derived(purpose: str, key_id: str) -> bytes:
    """32 bytes for one purpose; purposes never share a key (SECURITY K-09)."""
    try:
        return _derive(key_ring()[key_id], purpose)
    except KeyError:
        raise UnknownKey(key_id) from None


@lru_cache(maxsize=64)
def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"signet/{purpose}".encode()).derive(key)


def fingerprint(purpose: str, value: str) -> str:
    """A keyed hash of personal data (an address typed at sign-in) that may appear in rows and logs."""
    return hashlib.blake2b(value.encode(), key=_derive(settings.SECRET_KEY.encode(), purpose), digest_size=16).hexdigest()
