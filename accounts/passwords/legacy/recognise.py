"""A hash of unknown origin, told by its form."""

import re

from django.contrib.auth.hashers import identify_hasher

from . import argon2, aspnet, bcrypt
from .costs import UnusableHash
from .verify_only import LONGEST

_ASPNET = re.compile(r"AQAAAA[A-Za-z0-9+/]{40,}={0,2}")


def encoded(stored: str) -> str:
    """bcrypt, Argon2 in PHC form, ASP.NET Identity, or one of Django's own. Raises `UnusableHash`."""
    if stored.startswith("$2"):
        return bcrypt.encoded(stored)
    if stored.startswith("$argon2"):
        return argon2.encoded(stored)
    if _ASPNET.fullmatch(stored):
        return aspnet.encoded(stored)
    return stored_form(stored)


def stored_form(encoded: str) -> str:
    """The same, if one of our hashers can verify it. Raises `UnusableHash`."""
    try:
        identify_hasher(encoded).decode(encoded)
    except UnusableHash:
        raise
    except ValueError:
        raise UnusableHash("a hash of a form that is not known here") from None
    if len(encoded) > LONGEST or not encoded.isascii() or not encoded.isprintable():
        raise UnusableHash("a hash that cannot be stored")
    return encoded
