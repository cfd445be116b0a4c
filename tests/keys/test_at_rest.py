"""Keys at rest: encrypted, bound to their row, carried across a rotation of `ENCRYPTION_KEYS` (SECURITY K-02 to K-04, K-15)."""

import base64
from io import StringIO

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.management import call_command
from pytest_django import Settings

from accounts.core import crypto, secrets
from accounts.keys import material, ring, rotation
from accounts.keys.models import SigningKey
from accounts.management.commands.worker import HANDLERS
from accounts.outbox import delivery, enqueue
from accounts.users.models import User
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
OLD = base64.urlsafe_b64encode(b"k" * 32).decode()
NEW = base64.urlsafe_b64encode(b"n" * 32).decode()


def keys() -> list[SigningKey]:
    return list(SigningKey.objects.order_by("kid"))


def test_K02_private_half_is_not_in_clear(db: None) -> None:
    for row in keys():
        assert row.private_key_encrypted.startswith(f"v1.{secrets.primary_key_id()}.")
        assert b"PRIVATE" not in base64.urlsafe_b64decode(row.private_key_encrypted.split(".")[2])


def test_K02_ciphertext_of_another_row_does_not_open(db: None) -> None:
    first, second = keys()
    material.decrypted(first)
    first.private_key_encrypted = second.private_key_encrypted
    with pytest.raises(material.UnusableKey):
        material.decrypted(first)


@pytest.mark.parametrize(("field", "value"), [("purpose", "id"), ("algorithm", "Ed25519"), ("kid", "other")])
def test_K02_ciphertext_is_bound_to_what_the_row_says(db: None, field: str, value: str) -> None:
    row = keys()[0]
    material.decrypted(row)
    setattr(row, field, value)
    with pytest.raises(material.UnusableKey):
        material.decrypted(row)


def test_K02_altered_ciphertext_does_not_open(db: None) -> None:
    stored = crypto.encrypt(b"secret", context="test")
    version, key_id, body = stored.split(".")
    raw = base64.urlsafe_b64decode(body)
    assert crypto.decrypt(stored, context="test") == b"secret"
    for position in range(len(raw)):
        altered = raw[:position] + bytes([raw[position] ^ 1]) + raw[position + 1 :]
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(f"{version}.{key_id}.{base64.urlsafe_b64encode(altered).decode()}", context="test")


def test_K02_wrong_context_does_not_open() -> None:
    stored = crypto.encrypt(b"secret", context="outbox/mail/1")
    for context in ("outbox/mail/2", "outbox/mail/", "", "outbox/mail/1 ", "signing-key/1"):
        with pytest.raises(crypto.CannotDecrypt):
            crypto.decrypt(stored, context=context)


def test_K02_wrong_key_does_not_open(settings: Settings, db: None) -> None:
    settings.ENCRYPTION_KEYS = [NEW]
    for row in keys():
        with pytest.raises(material.UnusableKey):
            material.decrypted(row)


def test_K04_every_encryption_has_a_nonce_of_its_own() -> None:
    nonces = {base64.urlsafe_b64decode(crypto.encrypt(b"", context="c").split(".")[2])[:12] for _ in range(10_000)}
    assert len(nonces) == 10_000


def test_K09_purposes_do_not_share_a_key() -> None:
    key_id = secrets.primary_key_id()
    labels = ["at-rest", "refresh-token", "sealed/sso+jwt", "sealed/link+jwt", "limits", "audit"]
    assert len({secrets.derived(label, key_id) for label in labels}) == len(labels)
    assert secrets.fingerprint("audit", "x") != secrets.fingerprint("limits", "x")


def write_a_mail() -> None:
    link = {"name": "Alice", "url": "http://testserver/x", "expires_hours": 24}
    enqueue.mail("set_password", to="alice@example.com", user_id=None, **link)


def test_K15_rotation_of_the_encryption_keys_step_by_step(alice: User, settings: Settings) -> None:
    before = [row.private_key_encrypted for row in keys()]
    write_a_mail()
    write_a_mail()
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    assert [material.decrypted(row) for row in keys()]
    assert delivery.deliver_due(HANDLERS, batch=1) == 1
    assert (rotation.rewrap(), enqueue.rewrap()) == (2, 1)
    assert all(now.private_key_encrypted not in before for now in keys())
    assert {row.private_key_encrypted.split(".")[1] for row in keys()} == {secrets.primary_key_id()}
    settings.ENCRYPTION_KEYS = [NEW]
    ring.forget()
    assert [material.decrypted(row) for row in keys()]
    assert delivery.deliver_due(HANDLERS) == 1
    assert signed_in(alice).rotate().status_code == 200


def test_K15_control_without_rewrap_the_old_key_is_missed(alice: User, settings: Settings) -> None:
    write_a_mail()
    settings.ENCRYPTION_KEYS = [NEW]
    ring.forget()
    with pytest.raises(material.UnusableKey):
        material.decrypted(keys()[0])
    assert delivery.deliver_due(HANDLERS) == 0


def test_K15_rewrap_makes_a_new_nonce(db: None) -> None:
    row = keys()[0]
    assert material.rewrapped(row) != row.private_key_encrypted
    assert material.rewrapped(row).split(".")[:2] == row.private_key_encrypted.split(".")[:2]


def test_K15_the_command_says_how_many(db: None) -> None:
    out = StringIO()
    write_a_mail()
    call_command("rotate_keys", "--rewrap", stdout=out)
    assert "2 keys, 1 messages" in out.getvalue()


def test_K15_keys_that_are_gone_have_nothing_to_open(db: None) -> None:
    rotation.pull(SigningKey.objects.get(state="active").kid)
    assert rotation.rewrap() == 2
    assert SigningKey.objects.get(state="gone").private_key_encrypted == ""


def test_generated_keys_are_what_they_are_called() -> None:
    for algorithm in ("ES256", "Ed25519"):
        private = material.generate(algorithm)
        material.refuse_weak(private.public_key(), algorithm)
        material.prove_pair(private, private.public_key())
    assert isinstance(material.generate("ES256"), ec.EllipticCurvePrivateKey)
