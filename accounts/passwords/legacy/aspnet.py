"""ASP.NET Core Identity, version 3: base64 of 0x01, digest, iterations, length of the salt, salt, hash."""

import struct

from . import pbkdf2
from .costs import UnusableHash
from .verify_only import from_base64

_HEADER = struct.Struct(">BIII")
_DIGESTS = ("sha1", "sha256", "sha512")
_VERSION = 1


def encoded(stored: str) -> str:
    """Raises `UnusableHash`."""
    raw = from_base64(stored)
    if len(raw) < _HEADER.size:
        raise UnusableHash("not an ASP.NET Identity hash")
    version, digest, rounds, salt_length = _HEADER.unpack_from(raw)
    body = raw[_HEADER.size :]
    if version != _VERSION or digest >= len(_DIGESTS) or salt_length > len(body):
        raise UnusableHash("not an ASP.NET Identity hash of version 3")
    return pbkdf2.encoded(_DIGESTS[digest], rounds, body[:salt_length], body[salt_length:])
