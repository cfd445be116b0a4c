"""Signatures at the edges of ECDSA and RSA, in the manner of Wycheproof (SECURITY J-14, J-15)."""

import json

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa, utils, x25519

from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.keys import material, ring
from accounts.keys.material import UnusableKey
from accounts.keys.models import SigningKey
from tests.support import forge
from tests.support.acceptors import Acceptor
from tests.support.app import App
from tests.support.news import news_is_due
from tests.support.roca import factorable_rsa_key

pytestmark = pytest.mark.django_db
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF


def edge_signatures(r: int, s: int) -> dict[str, bytes]:
    """`r` and `s` are a valid pair; none of these is."""

    def raw(first: int, second: int, size: int = 32) -> bytes:
        return first.to_bytes(size, "big") + second.to_bytes(size, "big")

    pairs = {(0, 0), (0, s), (r, 0), (1, 0), (0, 1), (1, 1), (N, s), (r, N), (N, N), (0, N), (N, 0), (N - 1, N - 1)}
    pairs |= {(N + 1, s), (r, N + 1), (P, s), (r, P), (2**256 - 1, 2**256 - 1), (s, r), (r, s ^ 1), (N - r, s)}
    odd = {
        "DER": utils.encode_dss_signature(r, s),
        "DER zero": utils.encode_dss_signature(0, 0),
        "one short": raw(r, s)[:-1],
        "one long": raw(r, s) + b"\x00",
        "zero in front": b"\x00" + raw(r, s),
        "half": raw(r, s)[:32],
        "twice": raw(r, s) * 2,
        "48 bytes each": raw(r, s, 48),
        "33 bytes each": raw(r, s, 33),
        "little endian": r.to_bytes(32, "little") + s.to_bytes(32, "little"),
        "one byte": b"\x00",
    }
    return odd | {f"{first:x} {second:x}": raw(first, second) for first, second in pairs}


def test_J14_ecdsa_edge_cases_are_refused(bearer: Acceptor) -> None:
    token = bearer.genuine()
    signature = forge.unb64(token.rpartition(".")[2])
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    bearer.assert_refuses({name: f"{token.rpartition('.')[0]}.{forge.b64(edge)}" for name, edge in edge_signatures(r, s).items()})


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP521R1(), ec.SECP256K1()], ids=lambda curve: curve.name)
def test_J14_other_curves_are_refused(bearer: Acceptor, curve: ec.EllipticCurve) -> None:
    header, claims, _ = forge.opened(bearer.genuine())
    other = forge.es256(ec.generate_private_key(curve))
    bearer.assert_refuses([forge.signed(header, claims, other), forge.signed({**header, "alg": "ES384"}, claims, other)])


def test_J13_second_spelling_of_a_signature_is_revoked_with_the_first(bearer: Acceptor) -> None:
    token = bearer.genuine()
    signature = forge.unb64(token.rpartition(".")[2])
    mirrored = signature[:32] + (N - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")
    alias = f"{token.rpartition('.')[0]}.{forge.b64(mirrored)}"
    assert bearer.takes(alias)
    registry.revoke(Device.objects.get(id=bearer.app.device), Device.Ended.SIGNED_OUT, actor=None, source=Source())
    news_is_due()
    assert not bearer.takes(token)
    assert not bearer.takes(alias)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=material.RSA_BITS)


def pkcs1(key: rsa.RSAPrivateKey, message: bytes, digest: bytes) -> bytes:
    """A PKCS #1 v1.5 signature over any padded block that one likes."""
    size = key.key_size // 8
    block = message + digest
    numbers = key.private_numbers()
    return pow(int.from_bytes(block.rjust(size, b"\x00"), "big"), numbers.d, numbers.public_numbers.n).to_bytes(size, "big")


def test_J15_rsa_padding_variants_are_refused(bearer: Acceptor, rsa_key: rsa.RSAPrivateKey) -> None:
    row = material.encrypted_record(rsa_key, "access", "RS256", SigningKey.State.ACTIVE)
    row.save(force_insert=True)
    ring.forget()
    claims = forge.opened(bearer.genuine())[1]
    header = {"alg": "RS256", "kid": row.kid, "typ": "at+jwt"}
    assert bearer.takes(forge.signed(header, claims, forge.rs256(rsa_key)))
    bearer.assert_refuses({name: forge.signed(header, claims, sign) for name, sign in rsa_variants(rsa_key).items()})


def rsa_variants(key: rsa.RSAPrivateKey) -> dict[str, forge.Signer]:
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    without_null = bytes.fromhex("302f300b0609608648016503040201" + "0420")
    size = key.key_size // 8

    def block(prefix: bytes, filler: bytes, kind: bytes = b"\x01") -> forge.Signer:
        def sign(message: bytes) -> bytes:
            digest = hashes.Hash(hashes.SHA256())
            digest.update(message)
            value = digest.finalize()
            pad = filler * (size - 3 - len(prefix) - len(value))
            return pkcs1(key, b"\x00" + kind + pad + b"\x00" + prefix, value)

        return sign

    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    zero_salt = padding.PSS(padding.MGF1(hashes.SHA256()), 0)
    return {
        "PSS": lambda message: key.sign(message, pss, hashes.SHA256()),
        "PSS without salt": lambda message: key.sign(message, zero_salt, hashes.SHA256()),
        "SHA-384": lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA384()),
        "SHA-1": lambda message: key.sign(message, padding.PKCS1v15(), hashes.SHA1()),
        "no DigestInfo": block(b"", b"\xff"),
        "no NULL": block(without_null, b"\xff"),
        "zero filler": block(info, b"\x00"),
        "block type 2": block(info, b"\xff", b"\x02"),
        "zero": lambda message: b"\x00" * size,
        "one": lambda message: b"\x00" * (size - 1) + b"\x01",
        "n - 1": lambda message: (key.private_numbers().public_numbers.n - 1).to_bytes(size, "big"),
        "one short": lambda message: forge.rs256(key)(message)[:-1],
        "zero in front": lambda message: b"\x00" + forge.rs256(key)(message),
    }


def test_J15_control_the_hand_made_padding_is_right(rsa_key: rsa.RSAPrivateKey) -> None:
    info = bytes.fromhex("3031300d060960864801650304020105000420")
    digest = hashes.Hash(hashes.SHA256())
    digest.update(b"message")
    value = digest.finalize()
    pad = b"\xff" * (rsa_key.key_size // 8 - 3 - len(info) - len(value))
    made = pkcs1(rsa_key, b"\x00\x01" + pad + b"\x00" + info, value)
    rsa_key.public_key().verify(made, b"message", padding.PKCS1v15(), hashes.SHA256())


WEAK = {
    "RSA 2048": lambda: (rsa.generate_private_key(65537, 2048).public_key(), "RS256"),
    "P-384": lambda: (ec.generate_private_key(ec.SECP384R1()).public_key(), "ES256"),
    "P-521": lambda: (ec.generate_private_key(ec.SECP521R1()).public_key(), "ES256"),
    "secp256k1": lambda: (ec.generate_private_key(ec.SECP256K1()).public_key(), "ES256"),
    "Ed448": lambda: (ed448.Ed448PrivateKey.generate().public_key(), "Ed25519"),
    "X25519": lambda: (x25519.X25519PrivateKey.generate().public_key(), "Ed25519"),
    "DSA": lambda: (dsa.generate_private_key(1024).public_key(), "RS256"),
    "EC for RS256": lambda: (ec.generate_private_key(ec.SECP256R1()).public_key(), "RS256"),
    "Ed25519 for ES256": lambda: (ed25519.Ed25519PrivateKey.generate().public_key(), "ES256"),
    "EC for HS256": lambda: (ec.generate_private_key(ec.SECP256R1()).public_key(), "HS256"),
    "EC for none": lambda: (ec.generate_private_key(ec.SECP256R1()).public_key(), "none"),
}


def stored(private: rsa.RSAPrivateKey) -> dict[str, str]:
    jwk = material.public_jwk(private.public_key())
    return {**jwk, "kid": material.thumbprint(jwk)}


def test_J15_stored_key_whose_primes_were_chosen_too_narrowly_is_not_loaded(rsa_key: rsa.RSAPrivateKey) -> None:
    with pytest.raises(UnusableKey):
        material.public_from_jwk(stored(factorable_rsa_key()), "RS256")
    assert material.public_from_jwk(stored(rsa_key), "RS256") == rsa_key.public_key()


@pytest.mark.parametrize("weak", WEAK)
def test_J15_weak_or_foreign_key_is_not_loaded(weak: str) -> None:
    public, algorithm = WEAK[weak]()
    with pytest.raises(UnusableKey):
        material.refuse_weak(public, algorithm)


@pytest.mark.parametrize("exponent", [1, 2, 3, 4, 65536])
def test_J15_rsa_exponent_other_than_f4_is_not_loaded(rsa_key: rsa.RSAPrivateKey, exponent: int) -> None:
    jwk = material.public_jwk(rsa_key.public_key())
    material.public_from_jwk({**jwk, "kid": material.thumbprint(jwk)}, "RS256")
    odd = {**jwk, "e": forge.b64(exponent.to_bytes(3, "big").lstrip(b"\x00"))}
    with pytest.raises(UnusableKey):
        material.public_from_jwk({**odd, "kid": material.thumbprint(odd)}, "RS256")


def test_J15_point_off_the_curve_is_not_loaded() -> None:
    jwk = material.public_jwk(ec.generate_private_key(ec.SECP256R1()).public_key())
    off = {**jwk, "y": forge.b64((int.from_bytes(forge.unb64(jwk["y"]), "big") ^ 1).to_bytes(32, "big"))}
    for bad in (off, {**jwk, "x": forge.b64(b"\x00" * 32), "y": forge.b64(b"\x00" * 32)}, {**jwk, "x": ""}):
        with pytest.raises(UnusableKey):
            material.public_from_jwk({**bad, "kid": material.thumbprint(bad)}, "ES256")


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
def test_J15_control_our_own_keys_are_loaded(algorithm: str, app: App) -> None:
    jwk = material.public_jwk(material.generate(algorithm).public_key())
    material.public_from_jwk(json.loads(json.dumps({**jwk, "kid": material.thumbprint(jwk)})), algorithm)
