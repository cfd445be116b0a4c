"""The outer form of a JWT, checked before anything is believed: size, alphabet, canonical base64url, depth, members.

joserfc alone accepts twelve shapes that we refuse (SECURITY J-29); they are all refused here or in `jose`.
"""

import base64
import re
from typing import Any

from accounts.core.errors import TokenInvalid
from accounts.core.strict_json import StrictJsonError, loads

MAX_BYTES = 8192
MAX_DEPTH = 8
_FORM = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+", re.ASCII)
_HEADER_MEMBERS = {"alg", "kid", "typ"}
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def parse(token: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Header and claims of a token of ours, unverified; raises `TokenInvalid`."""
    header, claims = take_apart(token)
    if set(header) != _HEADER_MEMBERS or not all(isinstance(value, str) for value in header.values()):
        raise TokenInvalid("header members")
    if _KID.fullmatch(header["kid"]) is None:
        raise TokenInvalid("kid")
    return header, claims


def type_of(token: str) -> str:
    """What a token says it is, for whoever explains it; empty when it says nothing."""
    try:
        typ = take_apart(token)[0].get("typ")
    except TokenInvalid:
        return ""
    return typ if isinstance(typ, str) else ""


def take_apart(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of anybody's token; the header's members are the caller's to check. Raises `TokenInvalid`."""
    if len(token) > MAX_BYTES or _FORM.fullmatch(token) is None:
        raise TokenInvalid("not a compact JWS")
    header_part, claims_part, signature_part = token.split(".")
    decode_canonical(signature_part)
    return _object(header_part), _object(claims_part)


def decode_canonical(part: str) -> bytes:
    """Base64url with exactly one spelling; raises `TokenInvalid` for padding, stray bits, other alphabets."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise TokenInvalid("base64url") from error
    if encode(raw) != part:
        raise TokenInvalid("base64url is not canonical")
    return raw


def encode(raw: bytes) -> str:
    """Base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _object(part: str) -> dict[str, Any]:
    try:
        value = loads(decode_canonical(part), max_depth=MAX_DEPTH)
    except StrictJsonError as error:
        raise TokenInvalid(str(error)) from error
    if not isinstance(value, dict):
        raise TokenInvalid("not a JSON object")
    return value
