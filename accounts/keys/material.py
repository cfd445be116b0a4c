"""Key pairs: generated, encoded as JWK (RFC 7517), checked, encrypted. The only file that sees a private key."""

import base64
import hashlib
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from accounts.core import crypto

from . import roca
from .models import SigningKey

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey
RSA_BITS = 3072
_PROBE = b"signet key self-test"


class UnusableKey(Exception):
    """A stored key that does not decrypt, does not match its kid, or is too weak."""


def generate(algorithm: str) -> PrivateKey:
    """A new pair whose kid does not begin with a hyphen: in an emergency somebody types it behind an option."""
    private = _generate(algorithm)
    while thumbprint(public_jwk(private.public_key())).startswith("-"):
        private = _generate(algorithm)
    return private


def _generate(algorithm: str) -> PrivateKey:
    if algorithm == SigningKey.Algorithm.RS256:
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    if algorithm == SigningKey.Algorithm.ED25519:
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def encrypted_record(private: PrivateKey, purpose: str, algorithm: str, state: str) -> SigningKey:
    """An unsaved row for this key pair."""
    jwk = public_jwk(private.public_key())
    kid = thumbprint(jwk)
    der = private.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return SigningKey(
        kid=kid,
        purpose=purpose,
        algorithm=algorithm,
        state=state,
        public_jwk={**jwk, "kid": kid, "use": "sig", "alg": algorithm},
        private_key_encrypted=crypto.encrypt(der, context=_context(kid, purpose, algorithm)),
    )


def decrypted(key: SigningKey) -> PrivateKey:
    """Raises `UnusableKey` unless the row's halves belong together."""
    try:
        der = crypto.decrypt(key.private_key_encrypted, context=_context(key.kid, key.purpose, key.algorithm))
        private = serialization.load_der_private_key(der, password=None)
    except (crypto.CannotDecrypt, ValueError) as error:
        raise UnusableKey(key.kid) from error
    if not isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        raise UnusableKey(key.kid)
    refuse_weak(private.public_key(), key.algorithm)
    if thumbprint(public_jwk(private.public_key())) != key.kid:
        raise UnusableKey(key.kid)
    return private


def opens(key: SigningKey) -> bool:
    """Whether this server could sign with it."""
    try:
        decrypted(key)
    except UnusableKey:
        return False
    return True


def rewrapped(key: SigningKey) -> str:
    """The private half, encrypted with the first of `ENCRYPTION_KEYS`."""
    context = _context(key.kid, key.purpose, key.algorithm)
    return crypto.encrypt(crypto.decrypt(key.private_key_encrypted, context=context), context=context)


def public_half(key: SigningKey) -> PublicKey:
    """Raises `UnusableKey`, also for a row that holds the public half of another key."""
    public = public_from_jwk(key.public_jwk, key.algorithm)
    if key.public_jwk["kid"] != key.kid:
        raise UnusableKey(key.kid)
    return public


def public_from_jwk(jwk: dict[str, str], algorithm: str) -> PublicKey:
    """Raises `UnusableKey` for a weak key or one whose kid is not its thumbprint."""
    if not isinstance(jwk, dict):
        raise UnusableKey("not a JWK")
    try:
        public = _load(jwk)
    except (KeyError, ValueError, TypeError) as error:
        raise UnusableKey(str(jwk.get("kid"))) from error
    refuse_weak(public, algorithm)
    if thumbprint(public_jwk(public)) != jwk.get("kid"):
        raise UnusableKey(str(jwk.get("kid")))
    return public


def refuse_weak(public: PublicKey, algorithm: str) -> None:
    """Each algorithm has one shape of key; anything else is refused (SECURITY J-15, K-14)."""
    expected: dict[str, bool] = {
        SigningKey.Algorithm.ES256: isinstance(public, ec.EllipticCurvePublicKey) and public.curve.name == "secp256r1",
        SigningKey.Algorithm.RS256: isinstance(public, rsa.RSAPublicKey)
        and public.key_size >= RSA_BITS
        and public.public_numbers().e == 65537
        and not roca.is_factorable(public.public_numbers().n),
        SigningKey.Algorithm.ED25519: isinstance(public, ed25519.Ed25519PublicKey),
    }
    if not expected.get(algorithm, False):
        raise UnusableKey(algorithm)


def public_jwk(public: PublicKey) -> dict[str, str]:
    """The members that RFC 7638 hashes, and nothing else."""
    if isinstance(public, rsa.RSAPublicKey):
        rsa_numbers = public.public_numbers()
        return {"kty": "RSA", "n": _number(rsa_numbers.n), "e": _number(rsa_numbers.e)}
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": _b64(public.public_bytes_raw())}
    ec_numbers = public.public_numbers()
    return {"kty": "EC", "crv": "P-256", "x": _b64(ec_numbers.x.to_bytes(32, "big")), "y": _b64(ec_numbers.y.to_bytes(32, "big"))}


def thumbprint(jwk: dict[str, str]) -> str:
    """RFC 7638 §3."""
    return _b64(hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).digest())


def prove_pair(private: PrivateKey, public: PublicKey) -> None:
    """Sign and verify once, so that a mismatched pair is found at load and not at the first sign-in."""
    try:
        if isinstance(private, rsa.RSAPrivateKey) and isinstance(public, rsa.RSAPublicKey):
            public.verify(private.sign(_PROBE, padding.PKCS1v15(), hashes.SHA256()), _PROBE, padding.PKCS1v15(), hashes.SHA256())
        elif isinstance(private, ed25519.Ed25519PrivateKey) and isinstance(public, ed25519.Ed25519PublicKey):
            public.verify(private.sign(_PROBE), _PROBE)
        elif isinstance(private, ec.EllipticCurvePrivateKey) and isinstance(public, ec.EllipticCurvePublicKey):
            public.verify(private.sign(_PROBE, ec.ECDSA(hashes.SHA256())), _PROBE, ec.ECDSA(hashes.SHA256()))
        else:
            raise UnusableKey("mismatched pair")
    except InvalidSignature as error:
        raise UnusableKey("mismatched pair") from error


def _load(jwk: dict[str, str]) -> PublicKey:
    if jwk["kty"] == "RSA":
        return rsa.RSAPublicNumbers(e=_int(jwk["e"]), n=_int(jwk["n"])).public_key()
    if (jwk["kty"], jwk["crv"]) == ("OKP", "Ed25519"):
        return ed25519.Ed25519PublicKey.from_public_bytes(_bytes(jwk["x"]))
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise ValueError("kty and crv")
    return ec.EllipticCurvePublicNumbers(_int(jwk["x"]), _int(jwk["y"]), ec.SECP256R1()).public_key()


def _context(kid: str, purpose: str, algorithm: str) -> str:
    return f"signing-key/{kid}/{purpose}/{algorithm}"


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(value: int) -> str:
    return _b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _int(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")
