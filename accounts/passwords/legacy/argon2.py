"""Argon2 of other systems: a PHC string, which is what Django stores too, behind the algorithm's name."""

import re
from typing import Any

from argon2.exceptions import InvalidHashError
from django.contrib.auth.hashers import Argon2PasswordHasher

from .costs import UnusableHash, bound_argon2
from .verify_only import LONGEST

_FORM = re.compile(r"\$argon2(id|i|d)\$v=(16|19)\$m=\d{1,9},t=\d{1,9},p=\d{1,3}\$[A-Za-z0-9+/]{11,}\$[A-Za-z0-9+/]{16,}")


def encoded(phc: str) -> str:
    """Raises `UnusableHash`."""
    stored = f"argon2{phc}"
    refuse_unusable(stored)
    return stored


def refuse_unusable(encoded: str) -> dict[str, Any]:
    """What Django reads from it. Raises `UnusableHash` for a broken hash, and for one that is too dear."""
    if not _FORM.fullmatch(encoded.removeprefix("argon2")) or len(encoded) > LONGEST:
        raise UnusableHash("not an Argon2 hash in PHC form")
    try:
        decoded = Argon2PasswordHasher().decode(encoded)
    except InvalidHashError:
        raise UnusableHash("not an Argon2 hash in PHC form") from None
    bound_argon2(decoded["memory_cost"], decoded["time_cost"], decoded["parallelism"])
    return decoded
