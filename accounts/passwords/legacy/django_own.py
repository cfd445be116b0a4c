"""The hashers that Django brings, for accounts of another Django project: their own form, within our bounds."""

from typing import Any

from django.contrib.auth.hashers import (
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)

from .costs import MOST_SCRYPT_BYTES, UnusableHash, bound_bcrypt, bound_rounds, bound_scrypt


class DjangoPbkdf2Sha256Hasher(PBKDF2PasswordHasher):
    """Django's default."""

    def decode(self, encoded: str) -> dict[str, Any]:
        decoded = _read(super().decode, encoded, "iterations")
        bound_rounds(decoded["iterations"])
        return decoded


class DjangoPbkdf2Sha1Hasher(PBKDF2SHA1PasswordHasher):
    """Of old projects."""

    def decode(self, encoded: str) -> dict[str, Any]:
        decoded = _read(super().decode, encoded, "iterations")
        bound_rounds(decoded["iterations"])
        return decoded


class DjangoScryptHasher(ScryptPasswordHasher):
    """Plain scrypt (RFC 7914)."""

    maxmem = 2 * MOST_SCRYPT_BYTES

    def decode(self, encoded: str) -> dict[str, Any]:
        decoded = _read(super().decode, encoded, "work_factor")
        bound_scrypt(decoded["work_factor"], decoded["block_size"], decoded["parallelism"])
        return decoded


class DjangoBcryptSha256Hasher(BCryptSHA256PasswordHasher):
    """bcrypt of the SHA-256 of the password, so nothing is cut."""

    def decode(self, encoded: str) -> dict[str, Any]:
        decoded = _read(super().decode, encoded, "work_factor")
        bound_bcrypt(decoded["work_factor"])
        return decoded


def _read(decode: Any, encoded: str, cost: str) -> dict[str, Any]:
    """Django asserts and indexes its way through an encoded hash; a broken one is `UnusableHash` here."""
    try:
        decoded: dict[str, Any] = decode(encoded)
    except (ValueError, AssertionError, IndexError):
        raise UnusableHash("a broken hash in Django's form") from None
    if not isinstance(decoded[cost], int):
        raise UnusableHash("a broken hash in Django's form")
    return decoded
