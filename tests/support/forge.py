"""JOSE by hand, on `cryptography` alone: forgeries must not be tidied up by a library, least of all by the one under test."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from accounts.core import secrets
from accounts.keys import material
from accounts.keys.models import SigningKey

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
Signer = Callable[[bytes], bytes]
Part = Mapping[str, Any] | bytes


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def opened(token: str) -> tuple[dict[str, Any], dict[str, Any], bytes]:
    """Header, claims and signature; nothing is verified."""
    header, claims, signature = token.split(".")
    return json.loads(unb64(header)), json.loads(unb64(claims)), unb64(signature)


def signed(header: Part, claims: Part, sign: Signer) -> str:
    """`bytes` go in as they are, so that duplicates, depth bombs and other charsets can be made."""
    signing_input = f"{b64(_raw(header))}.{b64(_raw(claims))}"
    return f"{signing_input}.{b64(sign(signing_input.encode()))}"


def unsigned(header: Part, claims: Part) -> str:
    return signed(header, claims, lambda _: b"")


def nested(levels: int, claims: Mapping[str, Any]) -> bytes:
    """These claims, and beside them one that is so deep."""
    plain = json.dumps({**claims, "d": 0}, separators=(",", ":")).encode()
    return plain.removesuffix(b"0}") + b"[" * levels + b"]" * levels + b"}"


def es256(private: ec.EllipticCurvePrivateKey) -> Signer:
    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
        size = (private.curve.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")

    return sign


def rs256(private: rsa.RSAPrivateKey) -> Signer:
    return lambda message: private.sign(message, padding.PKCS1v15(), hashes.SHA256())


def hs(secret: bytes, bits: int = 256) -> Signer:
    return lambda message: hmac.new(secret, message, getattr(hashlib, f"sha{bits}")).digest()


def active_key() -> SigningKey:
    return SigningKey.objects.get(state=SigningKey.State.ACTIVE, algorithm="ES256")


def our_signer() -> Signer:
    """Signs as the server does: what is refused then is refused for what it says."""
    private = material.decrypted(active_key())
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    return es256(private)


def sealer(typ: str) -> Signer:
    """Seals as the server does."""
    return hs(secrets.derived(f"sealed/{typ}", secrets.primary_key_id()))


def public_key_bytes() -> list[bytes]:
    """Every spelling of our public key that an attacker would try as an HMAC secret."""
    row = active_key()
    public = material.public_from_jwk(row.public_jwk, row.algorithm)
    spki, raw = serialization.PublicFormat.SubjectPublicKeyInfo, serialization.PublicFormat.UncompressedPoint
    pem = public.public_bytes(serialization.Encoding.PEM, spki)
    jwk = json.dumps(row.public_jwk).encode()
    forms = [
        pem,
        pem.rstrip(b"\n"),
        pem.replace(b"-----END", b"\t-----END"),
        pem.replace(b"\n", b"\r"),
        pem.replace(b"\n", b"\r\n"),
        pem.replace(b"\n", b""),
        public.public_bytes(serialization.Encoding.DER, spki),
        public.public_bytes(serialization.Encoding.X962, raw),
        public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH),
        jwk,
        b"\xef\xbb\xbf" + jwk,
        json.dumps({"keys": [row.public_jwk]}).encode(),
    ]
    return [*forms, *(base64.b64encode(form) for form in forms)]


def aliases(part: str) -> set[str]:
    """Other spellings of the bytes of a base64url part, and what sloppy decoders skip."""
    padded = part + "=" * (-len(part) % 4)
    odd = {part + tail for tail in ("=", "==", "\n", "!", " ", "\x00", "%3D", "A" * 4)} | {f" {part}", f"\n{part}", f"={part}"}
    standard = {part.replace("-", "+").replace("_", "/"), padded} | {part[:4] + gap + part[4:] for gap in ("\n", " ", "=", "*")}
    free = {0: 0, 2: 4, 3: 2}[len(part) % 4]
    last = ALPHABET.index(part[-1])
    stray = {part[:-1] + ALPHABET[last | bits] for bits in range(1, 1 << free)}
    return (odd | standard | stray) - {part}


def _raw(part: Part) -> bytes:
    return part if isinstance(part, bytes) else json.dumps(part, separators=(",", ":")).encode()


def pem(public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def altered(token: str) -> str:
    """The end of its signature is another one."""
    return token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBA")


def other_half(token: str) -> str:
    """The second signature (r, n − s) that fits the same bytes under ES256; anybody can compute it."""
    signing_input, _, signature = token.rpartition(".")
    raw = unb64(signature)
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    return f"{signing_input}.{b64(raw[:32] + (order - int.from_bytes(raw[32:], 'big')).to_bytes(32, 'big'))}"
