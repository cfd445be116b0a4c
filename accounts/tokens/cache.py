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
        while len(self._entries) >= self._size:
            self._entries.pop(next(iter(self._entries), b""), None)
        self._entries[_key(token)] = verified

    def clear(self) -> None:
        self._entries = {}

    def __len__(self) -> int:
        return len(self._entries)


def _key(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
