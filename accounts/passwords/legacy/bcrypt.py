"""bcrypt, as Auth0 and Supabase export it and many others store it: `$2a$`, `$2b$` and `$2y$`."""

import re
from typing import Any

import bcrypt

from .costs import UnusableHash, bound_bcrypt
from .verify_only import VerifyOnlyHasher

ALGORITHM = "bcrypt"
# 22 characters of salt, of whose last one only two bits count, and 31 of hash. The library takes no other salt.
_FORM = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
# bcrypt reads no further; the systems that made these hashes cut there too. Argon2id takes the whole password afterwards.
_READ = 72


class BcryptHasher(VerifyOnlyHasher):
    """Stored as Django stores it: `bcrypt$` in front of the hash."""

    algorithm = ALGORITHM

    def decode(self, encoded: str) -> dict[str, Any]:
        name, _, made = encoded.partition("$")
        if name != ALGORITHM:
            raise UnusableHash("not a bcrypt hash")
        return {"algorithm": ALGORITHM, "work_factor": cost(made), "hash": made}

    def verify(self, password: str, encoded: str) -> bool:
        return bcrypt.checkpw(password.encode()[:_READ], self.decode(encoded)["hash"].encode())


def cost(made: str) -> int:
    """Of a bcrypt hash, with or without what was done to the password before. Raises `UnusableHash`."""
    form = _FORM.fullmatch(made)
    if form is None:
        raise UnusableHash("not a bcrypt hash")
    bound_bcrypt(int(form[1]))
    return int(form[1])


def encoded(made: str) -> str:
    """Raises `UnusableHash`."""
    stored = f"{ALGORITHM}${made}"
    BcryptHasher().decode(stored)
    return stored
