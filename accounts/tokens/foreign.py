"""Tokens that somebody else signed: verified as strictly as our own, with that issuer's keys and an allow-list of algorithms.

Or with the key in the token's own header, where the token proves no more than that its maker holds the key (DPoP).

The holder of the key may be an attacker, so every cap on form and depth holds before the signature too (SECURITY J-25).
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey

from accounts.core.errors import TokenInvalid
from accounts.keys import roca

from . import compact
from .claims import Claims

ALGORITHMS = ("RS256", "PS256", "ES256")
"""What an issuer may be allowed to sign with; all of them asymmetric."""

PROOF_ALGORITHMS = ("ES256", "ES384", "ES512", "Ed25519", "PS256", "RS256")
"""What somebody may sign with whose key we take from the header."""

_OLD_NAMES = {"EdDSA": "Ed25519"}
"""Taken there too, from those who know RFC 8037 alone, and told to nobody: it leaves the curve open (RFC 9864 §2.2)."""

LONGEST_PROOF = 4096
"""Bytes of a token that carries its own key: enough for RSA with 4096 bits."""

_CURVES = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
_COORDINATE_BYTES = {"P-256": 32, "P-384": 48, "P-521": 66, "Ed25519": 32}
"""RFC 7518 §6.2.1.2, RFC 8032 §5.1.5."""
_RSA_BITS = range(2048, 8193)
_RSA_EXPONENT = "AQAB"
_MOST_KEYS = 100
# x5t names a certificate and fetches nothing; some issuers send it beside an equal kid.
_OPTIONAL = {"kid", "typ", "x5t", "x5t#S256"}
_KID = re.compile(r"[A-Za-z0-9_.:=~-]{1,128}", re.ASCII)
_WITH_OWN_KEY = {"alg", "jwk", "typ"}
_SECRET_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
"""Of private and symmetric keys (RFC 7518 §6)."""


class _Proofs(jws.JWSRegistry):
    """What is on offer. An old name is read as the new one, which says the curve too: joserfc then asks it of the key."""

    # joserfc allows a header 512 bytes; that of an RSA key needs more (SECURITY J-26).
    max_header_length = LONGEST_PROOF

    def get_alg(self, name: str) -> JWSAlgModel:
        return super().get_alg(_OLD_NAMES.get(name, name))


_for_proofs = _Proofs(algorithms=PROOF_ALGORITHMS)


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A public key, and the algorithms that its type and its own `alg` leave."""

    key: RSAKey | ECKey | OKPKey
    algorithms: frozenset[str]


def keys_of(jwk_set: Any) -> dict[str, ForeignKey]:
    """The usable keys of a JWK Set (RFC 7517 §5) by kid; others are passed over. Raises `TokenInvalid` when there is none."""
    members = jwk_set.get("keys") if isinstance(jwk_set, dict) else None
    if not isinstance(members, list) or len(members) > _MOST_KEYS:
        raise TokenInvalid("not a JWK Set")
    found: dict[str, ForeignKey] = {}
    named_twice = set()
    for member in members:
        kid = member.get("kid") if isinstance(member, dict) else None
        if isinstance(kid, str) and (key := _imported(member, ALGORITHMS)) is not None:
            named_twice |= {kid} & found.keys()
            found[kid] = key
    usable = {kid: key for kid, key in found.items() if kid not in named_twice}
    if not usable:
        raise TokenInvalid("no usable key")
    return usable


def only_one_for(keys: dict[str, ForeignKey], algorithm: str) -> ForeignKey | None:
    """Of several there is no telling which one is meant."""
    fitting = [key for key in keys.values() if algorithm in key.algorithms]
    return fitting[0] if len(fitting) == 1 else None


def verify(
    token: str,
    *,
    find: Callable[[str], ForeignKey | None],
    algorithms: Collection[str],
    types: Collection[str],
    find_without_kid: Callable[[str], ForeignKey | None] = lambda algorithm: None,
) -> Claims:
    """The claims of a token that `find`'s key signed; what they say is the caller's to check.

    `types`: what `typ` may be, in lower case and without `application/` (RFC 8725bis §3.11); "" for none. `find_without_kid` is
    asked by the algorithm, where somebody may leave the kid out. Raises `TokenInvalid`.
    """
    header, claims = compact.take_apart(token)
    _check_header(header, types)
    if header["alg"] not in algorithms:
        raise TokenInvalid("alg")
    key = find(header["kid"]) if "kid" in header else find_without_kid(header["alg"])
    if key is None:
        raise TokenInvalid("kid" if "kid" in header else "no kid")
    if header["alg"] not in key.algorithms:
        raise TokenInvalid("alg of another key")
    try:
        jws.deserialize_compact(token.encode("ascii"), key.key, [header["alg"]])
    except (JoseError, ValueError) as error:
        raise TokenInvalid("signature") from error
    return Claims(claims, kid=header.get("kid", ""))


def verify_by_own_key(token: str, *, types: Collection[str]) -> Claims:
    """The claims of a token that carries its public key; their `kid` is the key's thumbprint (RFC 7638).

    `types` as above. Raises `TokenInvalid`.
    """
    if len(token) > LONGEST_PROOF:
        raise TokenInvalid("too long")
    header, claims = compact.take_apart(token)
    if set(header) != _WITH_OWN_KEY or not all(isinstance(header[name], str) for name in ("alg", "typ")):
        raise TokenInvalid("header members")
    _check_type(header, types)
    key = _own_key(header["jwk"])
    if header["alg"] not in key.algorithms:
        raise TokenInvalid("alg")
    try:
        jws.deserialize_compact(token.encode("ascii"), key.key, registry=_for_proofs)
    except (JoseError, ValueError) as error:
        raise TokenInvalid("signature") from error
    return Claims(claims, kid=key.key.thumbprint())


def _own_key(jwk: Any) -> ForeignKey:
    """A private key that comes along has been given away (RFC 9449 §4.3, point 7)."""
    if isinstance(jwk, dict) and _SECRET_MEMBERS & jwk.keys():
        raise TokenInvalid("private key in the header")
    key = _imported(jwk, {*PROOF_ALGORITHMS, *_OLD_NAMES})
    if key is None or not _has_one_spelling(jwk):
        raise TokenInvalid("jwk")
    return key


def _check_header(header: dict[str, Any], types: Collection[str]) -> None:
    """Nothing that names or carries a key, and no `crit` (RFC 7515 §4.1)."""
    others = set(header) - {"alg"}
    if "alg" not in header or others - _OPTIONAL or not all(isinstance(value, str) for value in header.values()):
        raise TokenInvalid("header members")
    if "kid" in header and _KID.fullmatch(header["kid"]) is None:
        raise TokenInvalid("kid")
    _check_type(header, types)


def _check_type(header: dict[str, Any], types: Collection[str]) -> None:
    if header.get("typ", "").lower().removeprefix("application/") not in types:
        raise TokenInvalid("typ")


def _imported(member: Any, allowed: Collection[str]) -> ForeignKey | None:
    """None for a key that is malformed, not for verifying, weak, or of a type that nobody may use here."""
    if not isinstance(member, dict) or not _is_for_verifying(member):
        return None
    try:
        key, possible = _of_type(member)
    except (JoseError, TokenInvalid, KeyError, ValueError, TypeError):
        return None
    # To the letter, of one operation's two names too: who wrote `Ed25519` in the key knows it, and RFC 9864 has no aliases.
    algorithms = {name for name in possible if name in allowed and member.get("alg", name) == name}
    return ForeignKey(key, frozenset(algorithms)) if algorithms else None


def _is_for_verifying(member: dict[str, Any]) -> bool:
    """RFC 7517 §4.2 and §4.3."""
    operations = member.get("key_ops", ["verify"])
    return member.get("use", "sig") == "sig" and isinstance(operations, list) and "verify" in operations


def _of_type(member: dict[str, Any]) -> tuple[RSAKey | ECKey | OKPKey, set[str]]:
    """Only the public members are read. Raises `ValueError` for other types, curves, sizes and exponents (SECURITY J-15)."""
    if member.get("kty") == "RSA":
        modulus = int.from_bytes(compact.decode_canonical(member["n"]), "big")
        if modulus.bit_length() not in _RSA_BITS or member["e"] != _RSA_EXPONENT or roca.is_factorable(modulus):
            raise ValueError("weak RSA key")
        return RSAKey.import_key({name: member[name] for name in ("kty", "n", "e")}), {"RS256", "PS256"}
    if member.get("kty") == "EC":
        algorithm = _CURVES[member["crv"]]
        return ECKey.import_key({name: member[name] for name in ("kty", "crv", "x", "y")}), {algorithm}
    if (member.get("kty"), member.get("crv")) == ("OKP", "Ed25519"):
        return OKPKey.import_key({name: member[name] for name in ("kty", "crv", "x")}), {"Ed25519", "EdDSA"}
    raise ValueError("type of key")


def _has_one_spelling(jwk: dict[str, Any]) -> bool:
    """No zero too many or too few in front: else one key would have several thumbprints. Of a key that was imported."""
    if jwk["kty"] == "RSA":
        return compact.decode_canonical(jwk["n"])[0] != 0
    size = _COORDINATE_BYTES[jwk["crv"]]
    return all(len(compact.decode_canonical(jwk[name])) == size for name in ("x", "y") if name in jwk)
