"""Sign and verify, with the algorithm fixed by the key and never taken from the token (RFC 8725 §3.1).

Two signers that never meet: a key pair for what others verify, a derived secret for what only we read. The rest of
the project asks for tokens by purpose; nothing else imports joserfc.
"""

from collections.abc import Mapping, Set
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeyBase, OctKey, OKPKey, RSAKey

from accounts.core import secrets
from accounts.core.errors import TokenInvalid
from accounts.keys import ring
from accounts.keys.material import PrivateKey, PublicKey

from . import compact
from .claims import Claims, encode_claims

_SEALED_ALGORITHM = "HS256"
_jwks: dict[tuple[str, str], KeyBase] = {}
_KEY_TYPES: dict[str, type[ECKey | RSAKey | OKPKey]] = {"ES256": ECKey, "RS256": RSAKey, "Ed25519": OKPKey}


def sign(claims: Mapping[str, Any], *, typ: str, purpose: str, algorithm: str) -> str:
    """A token that anybody with the JWK Set can verify."""
    signer = ring.signer(purpose, algorithm)
    header = {"alg": signer.algorithm, "kid": signer.kid, "typ": typ}
    return jws.serialize_compact(
        header, encode_claims(claims), _imported("private", signer.kid, signer.algorithm, signer.private), [signer.algorithm]
    )


def verify(token: str, *, typ: str, purposes: Set[str]) -> Claims:
    """Header, kid, key purpose, algorithm, typ and signature, in that order; the claims are the caller's to check.

    Raises `TokenInvalid`, or `Unavailable` when an unknown kid cannot be looked up.
    """
    header, claims = compact.parse(token)
    key = ring.find(header["kid"])
    if key is None or key.purpose not in purposes:
        raise TokenInvalid("kid")
    if header["alg"] != key.algorithm:
        raise TokenInvalid("alg")
    _check(token, header, typ, _imported("public", key.kid, key.algorithm, key.public), key.algorithm)
    return Claims(claims, kid=key.kid)


def seal(claims: Mapping[str, Any], *, typ: str) -> str:
    """A token that only we read; each `typ` has a key of its own."""
    key_id = secrets.primary_key_id()
    header = {"alg": _SEALED_ALGORITHM, "kid": key_id, "typ": typ}
    return jws.serialize_compact(header, encode_claims(claims), _secret(typ, key_id), [_SEALED_ALGORITHM])


def unseal(token: str, *, typ: str) -> Claims:
    """Raises `TokenInvalid`; the claims are the caller's to check."""
    header, claims = compact.parse(token)
    if header["alg"] != _SEALED_ALGORITHM or header["kid"] not in secrets.key_ring():
        raise TokenInvalid("not a sealed token")
    _check(token, header, typ, _secret(typ, header["kid"]), _SEALED_ALGORITHM)
    return Claims(claims, kid=header["kid"])


def signature(message: bytes, private: PrivateKey, algorithm: str) -> bytes:
    """Over any bytes, by a key that is in no ring: for test vectors, whose forms no library would make."""
    return jws.JWSRegistry(algorithms=[algorithm]).get_alg(algorithm).sign(message, _KEY_TYPES[algorithm].import_key(private))  # type: ignore[arg-type]


def pem(public: PublicKey, algorithm: str) -> bytes:
    """The spelling of a public key that is most often mistaken for a secret."""
    return _KEY_TYPES[algorithm].import_key(public).as_pem(private=False)  # type: ignore[arg-type]


def _check(token: str, header: Mapping[str, str], typ: str, key: KeyBase, algorithm: str) -> None:
    if header["typ"] != typ:
        raise TokenInvalid("typ")
    try:
        jws.deserialize_compact(token.encode("ascii"), key, [algorithm])
    except (JoseError, ValueError) as error:
        raise TokenInvalid("signature") from error


def _imported(half: str, kid: str, algorithm: str, key: PrivateKey | PublicKey) -> KeyBase:
    """A kid is its key's thumbprint, so it can stand for the key here."""
    found = _jwks.get((half, kid))
    if found is None:
        found = _jwks[(half, kid)] = _KEY_TYPES[algorithm].import_key(key)  # type: ignore[arg-type]
    return found


@lru_cache(maxsize=64)
def _cached_secret(raw: bytes) -> OctKey:
    return OctKey.import_key(raw)


def _secret(typ: str, key_id: str) -> OctKey:
    return _cached_secret(secrets.derived(f"sealed/{typ}", key_id))


ring.on_reload(_jwks.clear)
