"""A registration that lies in one place is refused, and the honest one is taken before and after (SECURITY P-13)."""

import hashlib
from datetime import datetime
from typing import Any

import cbor2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from accounts.core.errors import InvalidCredential
from accounts.passkeys.models import Passkey
from accounts.users.models import User
from tests.passkeys.conftest import register
from tests.support.authenticator import (
    AT,
    BS,
    EDDSA,
    ES256,
    RP_ID,
    RS256,
    UP,
    UV,
    Authenticator,
    cose,
    make_key,
    sign,
)
from tests.support.forge import b64


def edited(**members: Any) -> dict[int, Any]:
    """An honest P-256 key with other members: `kty`, `alg`, `crv`, `x`, `y`."""
    labels = {"kty": 1, "alg": 3, "crv": -1, "x": -2, "y": -3}
    return {**cose(make_key()), **{labels[name]: value for name, value in members.items()}}


def on_another_curve() -> dict[int, Any]:
    point = ec.generate_private_key(ec.SECP384R1()).public_key().public_numbers()
    return {1: 2, 3: ES256, -1: 2, -2: point.x.to_bytes(48, "big"), -3: point.y.to_bytes(48, "big")}


def rsa_key(bits: int, exponent: bytes = b"\x01\x00\x01") -> dict[int, Any]:
    if bits <= 2048:
        numbers = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key().public_numbers()
        return {1: 3, 3: RS256, -1: numbers.n.to_bytes(bits // 8, "big"), -2: exponent}
    return {1: 3, 3: RS256, -1: b"\xff" * (bits // 8), -2: exponent}


LIES: dict[str, dict[str, Any]] = {
    "origin of a phishing site": {"origin": "http://testserver.evil.example"},
    "origin with another port": {"origin": "http://testserver:8443"},
    "origin with another scheme": {"origin": "https://testserver"},
    "origin of an unknown Android app": {"origin": "android:apk-key-hash:" + "A" * 43},
    "origin that is a list": {"origin": ["http://testserver"]},
    "RP ID of another site": {"rp_id": "evil.example"},
    "type of an assertion": {"type": "webauthn.get"},
    "challenge of its own": {"challenge": b64(b"c" * 32)},
    "empty challenge": {"challenge": ""},
    "challenge that is a number": {"challenge": 7},
    "nobody was present": {"flags": AT | UV},
    "no credential in it": {"flags": UP | UV},
    "backed up but not eligible": {"flags": AT | UP | UV | BS},
    "inside a frame of another origin": {"client_data": {"crossOrigin": True}},
    "crossOrigin that is a word": {"client_data": {"crossOrigin": "no"}},
    "below another top origin": {"client_data": {"topOrigin": "https://evil.example"}},
    "algorithm not offered": {"public_key": edited(alg=-36)},
    "algorithm of RSA on an EC key": {"public_key": edited(alg=RS256)},
    "algorithm of EdDSA on an EC key": {"public_key": edited(alg=EDDSA)},
    "curve not offered": {"public_key": on_another_curve()},
    "point that is not on the curve": {"public_key": edited(x=b"\x01" * 32)},
    "coordinates that are numbers": {"public_key": edited(x=5, y=6)},
    "key that is no map": {"public_key": 4},
    "key without coordinates": {"public_key": {1: 2, 3: ES256, -1: 1}},
    "RSA key of 1024 bits": {"public_key": rsa_key(1024)},
    "RSA key of 32768 bits": {"public_key": rsa_key(32768)},
    "RSA exponent of 64 bits": {"public_key": rsa_key(2048, b"\xff" * 8)},
    "id outside and inside differ": {"attested_id": b"another credential"},
    "rawId differs": {"raw_id": b64(b"another credential")},
    "id of 1100 bytes": {"id": b64(b"i" * 1100), "attested_id": b"i" * 1100},
    "id in another spelling": {"id": "+++/"},
    "id that is a number": {"id": 12},
    "type of the credential": {"credential_type": "password"},
    "attestation in a format not asked for": {"fmt": "android-safetynet", "att_stmt": {"ver": "1", "response": b"x"}},
    "attestation that is unknown": {"fmt": "made-up"},
    "attestation none with a statement": {"att_stmt": {"sig": b"x", "alg": ES256}},
    "packed attestation with a wrong signature": {"fmt": "packed", "att_stmt": {"sig": b"x" * 70, "alg": ES256}},
    "attestation that is not CBOR": {"attestation_object": b"\xff\x00junk"},
    "attestation that is a list": {"attestation_object": cbor2.dumps([1, 2, 3])},
    "attestation nested a thousand deep": {"attestation_object": b"\x81" * 20_000},
    "attestation that promises gigabytes": {"attestation_object": b"\x5b" + b"\x7f" * 8},
    "client data that is not JSON": {"raw_client_data": b"{"},
    "client data that is a list": {"raw_client_data": b"[]"},
    "client data with a member twice": {"raw_client_data": b'{"type":"webauthn.create","type":"webauthn.create"}'},
    "client data nested a thousand deep": {"raw_client_data": b"[" * 20_000},
    "client data that is no text": {"response": {"clientDataJSON": {"a": 1}}},
    "response that is empty": {"response": {"attestationObject": None}},
    "junk for base64": {"response": {"attestationObject": "\u00e9\u0000***"}},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_P13_a_registration_that_lies_is_refused(alice: User, lie: dict[str, Any]) -> None:
    register(alice, Authenticator())
    with pytest.raises(InvalidCredential):
        register(alice, Authenticator(), **lie)
    register(alice, Authenticator())
    assert Passkey.objects.filter(user=alice).count() == 2


@pytest.mark.parametrize("junk", [None, 1, "text", [], {}, {"id": None}, {"id": "aa"}, {"id": "aa", "response": []}])
def test_P13_junk_for_a_registration_is_refused(alice: User, junk: Any) -> None:
    class Junk(Authenticator):
        def create(self, options: Any, **lies: Any) -> Any:
            return junk

    with pytest.raises(InvalidCredential):
        register(alice, Junk())
    register(alice, Authenticator())


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_P13_each_algorithm_offered_is_taken(alice: User, algorithm: int) -> None:
    assert register(alice, Authenticator(algorithm)).user_id == alice.id


def test_P13_attestation_by_the_key_itself_is_taken_though_nobody_asked(alice: User) -> None:
    assert register(alice, Authenticator(), fmt="packed").user_id == alice.id


def test_P13_an_attestation_that_was_not_asked_for_is_refused_although_it_verifies(alice: User) -> None:
    with pytest.raises(InvalidCredential):
        register(alice, OldSecurityKey())
    assert register(alice, Authenticator()).user_id == alice.id


class OldSecurityKey(Authenticator):
    """Answers with a `fido-u2f` attestation, correctly signed (Web Authentication §8.6)."""

    def create(self, options: Any, **lies: Any) -> dict[str, Any]:
        point = cose(self.key)
        client_data = hashlib.sha256(self.client_data("webauthn.create", options, {})).digest()
        rp_id_hash = hashlib.sha256(RP_ID.encode()).digest()
        signed = b"\x00" + rp_id_hash + client_data + self.credential_id + b"\x04" + point[-2] + point[-3]
        maker = ec.generate_private_key(ec.SECP256R1())
        statement = {"x5c": [certificate(maker)], "sig": sign(maker, signed)}
        return super().create(options, fmt="fido-u2f", att_stmt=statement)


def certificate(key: ec.EllipticCurvePrivateKey) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Maker of keys")])
    empty = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = empty.not_valid_before(datetime(2020, 1, 1)).not_valid_after(datetime(2040, 1, 1))
    return dated.serial_number(7).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
