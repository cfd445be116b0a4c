"""Claims of a verified token, and the checks that every kind shares (RFC 7519 §4.1, RFC 9068 §2.2)."""

import json
from collections.abc import Mapping
from typing import Any

from accounts.core.clock import now
from accounts.core.errors import TokenExpired, TokenInvalid

SKEW = 30
"""Seconds by which hosts' clocks may differ."""


class Claims(dict[str, Any]):
    """What the token says, and the key that vouched for it."""

    def __init__(self, members: Mapping[str, Any], *, kid: str) -> None:
        super().__init__(members)
        self.kid = kid

    def text(self, name: str) -> str:
        """A required, non-empty string."""
        value = self.get(name)
        if not isinstance(value, str) or not value:
            raise TokenInvalid(name)
        return value

    def integer(self, name: str) -> int:
        """A required integer; booleans, floats and numeric strings are refused (SECURITY J-11)."""
        value = self.get(name)
        if type(value) is not int or not 0 <= value < 2**53:
            raise TokenInvalid(name)
        return value

    def words(self, name: str) -> list[str]:
        """A required list of strings."""
        value = self.get(name)
        if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
            raise TokenInvalid(name)
        return value


def encode_claims(claims: Mapping[str, Any]) -> bytes:
    """The bytes that are signed: compact JSON in UTF-8, members in the order given."""
    return json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()


def check_times(claims: Claims, *, longest: int, expired_is_error: bool = True) -> None:
    """`exp` and `iat` present, in order, not from the future, and no longer apart than `longest` seconds."""
    issued, expires, current = claims.integer("iat"), claims.integer("exp"), now()
    if not issued < expires <= issued + longest or issued > current + SKEW:
        raise TokenInvalid("times")
    if "nbf" in claims and claims.integer("nbf") > current + SKEW:
        raise TokenInvalid("nbf")
    if expired_is_error and expires <= current:
        raise TokenExpired("exp")
