"""Forged by algorithm: none, HMAC with our public key, a key of another algorithm (SECURITY J-01 to J-03, J-06, J-19)."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from pytest_django import Settings

from accounts.keys import material, ring, rotation
from accounts.keys.models import SigningKey
from tests.support import forge
from tests.support.acceptors import Acceptor
from tests.support.app import App

pytestmark = pytest.mark.django_db


def test_J01_unsigned_token_is_refused(acceptor: Acceptor) -> None:
    header, claims, signature = forge.opened(acceptor.genuine())
    empty = [forge.unsigned({**header, "alg": alg}, claims) for alg in ("none", "None", "NONE", "nOnE")]
    acceptor.assert_refuses(
        [shape for token in empty for shape in (token, token + forge.b64(signature), token.removesuffix("."))]
    )


def test_J02_hmac_with_our_public_key_is_refused(acceptor: Acceptor) -> None:
    header, claims, _ = forge.opened(acceptor.genuine())
    kids = dict.fromkeys([header["kid"], forge.active_key().kid])
    secret_forms = forge.public_key_bytes()
    assert len(secret_forms) == 24
    acceptor.assert_refuses(
        forge.signed({**header, "alg": f"HS{bits}", "kid": kid}, claims, forge.hs(secret, bits))
        for bits in (256, 384, 512)
        for secret in secret_forms
        for kid in kids
    )


def test_J06_key_of_another_algorithm_is_refused(acceptor: Acceptor) -> None:
    header, claims, _ = forge.opened(acceptor.genuine())
    ours = acceptor.signer()
    wrong = [
        "RS256",
        "PS256",
        "ES384",
        "ES512",
        "Ed25519",
        "EdDSA",
        "HS256" if header["alg"] != "HS256" else "ES256",
        "es256",
        "",
    ]
    acceptor.assert_refuses(forge.signed({**header, "alg": alg}, claims, ours) for alg in wrong)


@pytest.fixture(scope="module")
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=material.RSA_BITS)


def test_J06_kid_of_a_live_key_of_another_algorithm_is_refused(bearer: Acceptor, rsa_key: rsa.RSAPrivateKey) -> None:
    other = material.encrypted_record(rsa_key, "access", "RS256", SigningKey.State.ACTIVE)
    other.save(force_insert=True)
    ring.forget()
    header, claims, _ = forge.opened(bearer.genuine())
    assert bearer.takes(forge.signed({**header, "alg": "RS256", "kid": other.kid}, claims, forge.rs256(rsa_key)))
    bearer.assert_refuses(
        [
            forge.signed({**header, "kid": other.kid}, claims, forge.our_signer()),
            forge.signed({**header, "alg": "RS256"}, claims, forge.rs256(rsa_key)),
            forge.signed({**header, "kid": other.kid}, claims, forge.rs256(rsa_key)),
        ]
    )


def test_J06_another_algorithm_of_the_very_same_key_is_refused(bearer: Acceptor, rsa_key: rsa.RSAPrivateKey) -> None:
    """The key could do it, the signature is right, and the record says RS256."""
    row = material.encrypted_record(rsa_key, "access", "RS256", SigningKey.State.ACTIVE)
    row.save(force_insert=True)
    ring.forget()
    header, claims, _ = forge.opened(bearer.genuine())
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
    signers: dict[str, forge.Signer] = {
        "RS256": forge.rs256(rsa_key),
        "PS256": lambda message: rsa_key.sign(message, pss, hashes.SHA256()),
        "RS384": lambda message: rsa_key.sign(message, padding.PKCS1v15(), hashes.SHA384()),
        "RS512": lambda message: rsa_key.sign(message, padding.PKCS1v15(), hashes.SHA512()),
    }
    tokens = {alg: forge.signed({**header, "alg": alg, "kid": row.kid}, claims, sign) for alg, sign in signers.items()}
    assert bearer.takes(tokens.pop("RS256"))
    bearer.assert_refuses(tokens)


@pytest.mark.parametrize("algorithm", ["RS256", "Ed25519"])
def test_tokens_of_every_algorithm_are_issued_and_taken(settings: Settings, alice: object, algorithm: str) -> None:
    settings.ACCESS_TOKEN_ALGORITHM = algorithm
    SigningKey.objects.all().delete()
    rotation.ensure(algorithm)
    app = App()
    app.sign_in("alice@example.com")
    assert forge.opened(app.access)[0]["alg"] == algorithm
    assert app.post("/auth/token/verify/", {"token": app.access}).status_code == 200


def test_J03_signature_of_a_stranger_under_our_kid_is_refused(acceptor: Acceptor) -> None:
    header, claims, _ = forge.opened(acceptor.genuine())
    stranger = forge.es256(ec.generate_private_key(ec.SECP256R1()))
    acceptor.assert_refuses([forge.signed(header, claims, stranger), forge.signed(header, claims, forge.hs(b""))])


def test_J19_hmac_is_named_in_one_module() -> None:
    """And once more where vectors for other verifiers are forged."""
    rooms = [path for room in ("accounts", "api", "project") for path in Path(room).rglob("*.py")]
    named = sorted(str(path) for path in rooms if '"HS256"' in path.read_text())
    assert named == ["accounts/tokens/jose.py", "accounts/tokens/vectors/forged_header.py"]
