"""Verified tokens of this process, bounded, keyed by the hash of the whole token (SECURITY J-24).

Refused tokens are never kept, so junk costs no memory.
"""

import hashlib
from typing import Generic, TypeVar

T = TypeVar("T")


class VerifiedCache(Generic[T]):
    """First in, first out: every entry is worthless after minutes anyway."""

    def __init__(self, size: int = 20_000) -> None:
        self._size = size
        self._entries: dict[bytes, T] = {}

    def get(self, token: str) -> T | None:
        return self._entries.get(_key(token))

    def put(self, token: str, verified: T) -> None:
        entries = self._entries
        if len(entries) >= self._size:
            # From a copy: another thread may change the dictionary meanwhile. A tenth at once, so that copies are rare.
            for oldest in list(entries)[: len(entries) - self._size + self._size // 10 + 1]:
                entries.pop(oldest, None)
        entries[_key(token)] = verified

    def clear(self) -> None:
        self._entries = {}

    def __len__(self) -> int:
        return len(self._entries)


def _key(token: str) -> bytes:
    # BLAKE2b is built into Python; OpenSSL's SHA-256 costs several times more to set up than to run here.
    return hashlib.blake2b(token.encode("utf-8", "surrogateescape"), digest_size=32).digest()
