"""Tokens that somebody else signed: verified as strictly as our own, with that issuer's keys and an allow-list of algorithms.

The holder of the key may be an attacker, so every cap on form and depth holds before the signature too (SECURITY J-25).
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from accounts.core.errors import TokenInvalid
from accounts.keys import roca

from . import compact
from .claims import Claims

ALGORITHMS = ("RS256", "PS256", "ES256")
"""What an issuer may be allowed to sign with; all of them asymmetric."""

_RSA_BITS = range(2048, 8193)
_RSA_EXPONENT = "AQAB"
_MOST_KEYS = 100
_REQUIRED = {"alg", "kid"}
# x5t names a certificate and fetches nothing; some issuers send it beside an equal kid.
_OPTIONAL = {"typ", "x5t", "x5t#S256"}
_KID = re.compile(r"[A-Za-z0-9_.:=~-]{1,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A public key, and the algorithms that its type and its own `alg` leave."""

    key: RSAKey | ECKey
    algorithms: frozenset[str]


def keys_of(jwk_set: Any) -> dict[str, ForeignKey]:
    """The usable keys of a JWK Set (RFC 7517 §5) by kid; others are passed over. Raises `TokenInvalid` when there is none."""
    members = jwk_set.get("keys") if isinstance(jwk_set, dict) else None
    if not isinstance(members, list) or len(members) > _MOST_KEYS:
        raise TokenInvalid("not a JWK Set")
    found: dict[str, ForeignKey] = {}
    named_twice = set()
    for member in members:
        if (key := _imported(member)) is not None:
            named_twice |= {member["kid"]} & found.keys()
            found[member["kid"]] = key
    usable = {kid: key for kid, key in found.items() if kid not in named_twice}
    if not usable:
        raise TokenInvalid("no usable key")
    return usable


def verify(
    token: str, *, find: Callable[[str], ForeignKey | None], algorithms: Collection[str], types: Collection[str]
) -> Claims:
    """The claims of a token that `find`'s key signed; what they say is the caller's to check.

    `types`: what `typ` may be, in lower case and without `application/` (RFC 8725bis §3.11); "" for none. Raises `TokenInvalid`.
    """
    header, claims = compact.take_apart(token)
    _check_header(header, types)
    if header["alg"] not in algorithms:
        raise TokenInvalid("alg")
    key = find(header["kid"])
    if key is None:
        raise TokenInvalid("kid")
    if header["alg"] not in key.algorithms:
        raise TokenInvalid("alg of another key")
    try:
        jws.deserialize_compact(token.encode("ascii"), key.key, [header["alg"]])
    except (JoseError, ValueError) as error:
        raise TokenInvalid("signature") from error
    return Claims(claims, kid=header["kid"])


def _check_header(header: dict[str, Any], types: Collection[str]) -> None:
    """Nothing that names or carries a key, and no `crit` (RFC 7515 §4.1)."""
    names = set(header)
    if not names >= _REQUIRED or names - _REQUIRED - _OPTIONAL or not all(isinstance(value, str) for value in header.values()):
        raise TokenInvalid("header members")
    if _KID.fullmatch(header["kid"]) is None:
        raise TokenInvalid("kid")
    if header.get("typ", "").lower().removeprefix("application/") not in types:
        raise TokenInvalid("typ")


def _imported(member: Any) -> ForeignKey | None:
    """None for a key that is malformed, not for verifying, weak, or of a type that nobody may use here."""
    if not isinstance(member, dict) or not isinstance(member.get("kid"), str) or not _is_for_verifying(member):
        return None
    try:
        key, possible = _of_type(member)
    except (JoseError, TokenInvalid, KeyError, ValueError, TypeError):
        return None
    algorithms = {name for name in possible if member.get("alg", name) == name}
    return ForeignKey(key, frozenset(algorithms)) if algorithms else None


def _is_for_verifying(member: dict[str, Any]) -> bool:
    """RFC 7517 §4.2 and §4.3."""
    operations = member.get("key_ops", ["verify"])
    return member.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _of_type(member: dict[str, Any]) -> tuple[RSAKey | ECKey, set[str]]:
    """Only the public members are read. Raises `ValueError` for other types, curves, sizes and exponents (SECURITY J-15)."""
    if member.get("kty") == "RSA":
        modulus = int.from_bytes(compact.decode_canonical(member["n"]), "big")
        if modulus.bit_length() not in _RSA_BITS or member["e"] != _RSA_EXPONENT or roca.is_factorable(modulus):
            raise ValueError("weak RSA key")
        return RSAKey.import_key({name: member[name] for name in ("kty", "n", "e")}), {"RS256", "PS256"}
    if (member.get("kty"), member.get("crv")) == ("EC", "P-256"):
        return ECKey.import_key({name: member[name] for name in ("kty", "crv", "x", "y")}), {"ES256"}
    raise ValueError("type of key")
