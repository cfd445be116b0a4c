"""The hashers that Django brings, for accounts of another Django project: their own form, within our bounds.

Django reads a hash that is broken, and raises when it is to verify it; here the form is compared first.
"""

import re
from typing import Any

from django.contrib.auth.hashers import (
    BCryptSHA256PasswordHasher,
    PBKDF2PasswordHasher,
    PBKDF2SHA1PasswordHasher,
    ScryptPasswordHasher,
)

from . import bcrypt
from .costs import MOST_SCRYPT_BYTES, UnusableHash, bound_rounds, bound_scrypt

_BASE64 = r"[A-Za-z0-9+/]+={0,2}"
_PBKDF2 = re.compile(rf"pbkdf2_sha(1|256)\$[0-9]{{1,10}}\$[^$]+\${_BASE64}")
_SCRYPT = re.compile(rf"scrypt\$[0-9]{{1,10}}\$[^$]+\$[0-9]{{1,10}}\$[0-9]{{1,10}}\${_BASE64}")


class DjangoPbkdf2Sha256Hasher(PBKDF2PasswordHasher):
    """Django's default."""

    def decode(self, encoded: str) -> dict[str, Any]:
        _require(_PBKDF2, encoded)
        decoded: dict[str, Any] = super().decode(encoded)
        bound_rounds(decoded["iterations"])
        return decoded


class DjangoPbkdf2Sha1Hasher(PBKDF2SHA1PasswordHasher):
    """Of old projects."""

    def decode(self, encoded: str) -> dict[str, Any]:
        _require(_PBKDF2, encoded)
        decoded: dict[str, Any] = super().decode(encoded)
        bound_rounds(decoded["iterations"])
        return decoded


class DjangoScryptHasher(ScryptPasswordHasher):
    """Plain scrypt (RFC 7914)."""

    maxmem = 2 * MOST_SCRYPT_BYTES

    def decode(self, encoded: str) -> dict[str, Any]:
        _require(_SCRYPT, encoded)
        decoded: dict[str, Any] = super().decode(encoded)
        bound_scrypt(decoded["work_factor"], decoded["block_size"], decoded["parallelism"])
        return decoded


class DjangoBcryptSha256Hasher(BCryptSHA256PasswordHasher):
    """bcrypt of the SHA-256 of the password, so nothing is cut."""

    def decode(self, encoded: str) -> dict[str, Any]:
        bcrypt.cost(encoded.removeprefix(f"{self.algorithm}$"))
        decoded: dict[str, Any] = super().decode(encoded)
        return decoded


def _require(form: re.Pattern[str], encoded: str) -> None:
    if form.fullmatch(encoded) is None:
        raise UnusableHash("a broken hash in Django's form")
