"""PBKDF2 with a binary salt (RFC 8018 §5.2): Keycloak, ASP.NET Core Identity and others.

Stored as `pbkdf2$<digest>$<iterations>$<salt>$<hash>`. Of the hash at most 32 bytes are kept: they are the first bytes of
the same output, 256 bits are enough, and verifying gets no dearer with length.
"""

import hashlib
import hmac
from typing import Any

from .costs import UnusableHash, bound_rounds
from .verify_only import VerifyOnlyHasher, fields, from_base64, to_base64

ALGORITHM = "pbkdf2"
_DIGESTS = frozenset({"sha1", "sha256", "sha512"})
_KEPT = 32
_SHORTEST = 16


class Pbkdf2Hasher(VerifyOnlyHasher):
    """Django's own `pbkdf2_sha256` differs: its salt is text."""

    algorithm = ALGORITHM

    def decode(self, encoded: str) -> dict[str, Any]:
        digest, rounds, salt, made = fields(encoded, ALGORITHM, 4)
        if digest not in _DIGESTS or not rounds.isdecimal():
            raise UnusableHash("not a hash of the form pbkdf2")
        bound_rounds(int(rounds))
        decoded: dict[str, Any] = {"algorithm": ALGORITHM, "digest": digest, "iterations": int(rounds)}
        decoded |= {"salt": from_base64(salt), "hash": from_base64(made)}
        if len(decoded["hash"]) < _SHORTEST:
            raise UnusableHash("the hash is shorter than 16 bytes")
        return decoded

    def verify(self, password: str, encoded: str) -> bool:
        decoded = self.decode(encoded)
        wanted: bytes = decoded["hash"]
        made = hashlib.pbkdf2_hmac(decoded["digest"], password.encode(), decoded["salt"], decoded["iterations"], len(wanted))
        return hmac.compare_digest(made, wanted)


def encoded(digest: str, rounds: int, salt: bytes, made: bytes) -> str:
    """`digest` is `sha1`, `sha256` or `sha512`. Raises `UnusableHash`."""
    stored = f"{ALGORITHM}${digest}${rounds}${to_base64(salt)}${to_base64(made[:_KEPT])}"
    Pbkdf2Hasher().decode(stored)
    return stored
