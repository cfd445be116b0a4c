"""The base of hashers that verify what others made and never make a hash."""

import base64
import binascii
from typing import Any

from django.contrib.auth.hashers import BasePasswordHasher

from .costs import UnusableHash

# The column's length.
LONGEST = 128


class VerifyOnlyHasher(BasePasswordHasher):
    """`decode` raises `UnusableHash` for whatever `verify` could not work with."""

    def safe_summary(self, encoded: str) -> Any:
        return {"algorithm": self.algorithm}


def fields(encoded: str, algorithm: str, count: int) -> list[str]:
    """What stands behind the algorithm's name. Raises `UnusableHash` when that is not `count` fields."""
    name, *rest = encoded.split("$")
    if name != algorithm or len(rest) != count or len(encoded) > LONGEST:
        raise UnusableHash(f"not a hash of the form {algorithm}")
    return rest


def from_base64(text: str) -> bytes:
    """Standard or URL-safe alphabet, padded or not. Raises `UnusableHash`."""
    try:
        plain = text.strip().rstrip("=").translate(str.maketrans("-_", "+/"))
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise UnusableHash("a field is not base64") from None


def to_base64(raw: bytes) -> str:
    """Without padding: the column is short."""
    return base64.b64encode(raw).decode().rstrip("=")
