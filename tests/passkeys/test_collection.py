"""A passkey's life: registered, renamed, removed; each leaves a trace, and the owner hears of it."""

import json
from typing import Any

import pytest

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core import crypto
from accounts.core.errors import InvalidCredential, TooManyPasskeys
from accounts.outbox.enqueue import context_of
from accounts.outbox.models import OutboxMessage
from accounts.passkeys import collection, registration
from accounts.passkeys.models import Passkey
from accounts.users.models import User
from tests.passkeys.conftest import HERE, prove, register
from tests.support.authenticator import Authenticator

ICLOUD = bytes.fromhex("fbfc3007154e4ecc8c0b6e020557d7bd")


def notices() -> list[tuple[str, dict[str, Any]]]:
    rows = OutboxMessage.objects.filter(kind="notice").order_by("id")
    payloads = [json.loads(crypto.decrypt(row.payload_encrypted, context=context_of(row))) for row in rows]
    return [(payload["what"], payload["details"]) for payload in payloads]


def test_registration_is_recorded_and_the_owner_told(alice: User) -> None:
    passkey = register(alice, Authenticator(aaguid=ICLOUD))
    event = AuditEvent.objects.get(event=Event.PASSKEY_REGISTERED)
    assert (event.subject_id, event.address, event.details["provider"]) == (alice.id, HERE.address, "iCloud Keychain")
    what, details = notices()[0]
    assert (what, details["factor"], details["factor_name"]) == ("factor_added", "passkey", "iCloud Keychain")
    assert details["address"] == HERE.address
    assert collection.count(alice.id) == 1
    assert list(collection.of(alice.id)) == [passkey]


@pytest.mark.parametrize(
    ("given", "aaguid", "name"),
    [("Work key", ICLOUD, "Work key"), ("", ICLOUD, "iCloud Keychain"), ("", bytes(16), "Passkey"), ("", b"?" * 16, "Passkey")],
)
def test_name_is_the_persons_or_the_makers(alice: User, given: str, aaguid: bytes, name: str) -> None:
    assert register(alice, Authenticator(aaguid=aaguid), name=given).name == name


def test_P15_a_credential_belongs_to_one_person(alice: User, bob: User, phone: Authenticator) -> None:
    for user in (bob, alice):
        with pytest.raises(InvalidCredential):
            register(user, phone)
    assert (Passkey.objects.get().user_id, len(notices())) == (alice.id, 1)
    assert prove(phone, user_handle=alice.id.bytes).user_id == alice.id


def test_P15_a_stolen_id_with_a_key_of_ones_own_is_refused(alice: User, bob: User, phone: Authenticator) -> None:
    copycat = Authenticator(credential_id=phone.credential_id)
    with pytest.raises(InvalidCredential):
        register(bob, copycat)
    with pytest.raises(InvalidCredential):
        prove(copycat)
    assert prove(phone).user_id == alice.id


def test_nobody_has_more_than_twenty(alice: User, bob: User) -> None:
    waiting = registration.options(alice)
    for _ in range(registration.MOST):
        register(alice, Authenticator())
    with pytest.raises(TooManyPasskeys):
        registration.options(alice)
    with pytest.raises(TooManyPasskeys):
        registration.register(alice, waiting["challenge"], Authenticator().create(waiting["publicKey"]), source=HERE)
    assert register(bob, Authenticator())


def test_rename_is_recorded(alice: User, phone: Authenticator) -> None:
    passkey = alice.passkeys.get()
    collection.rename(passkey, "Key on my desk", source=HERE)
    assert (passkey.name, alice.passkeys.get().name) == ("Key on my desk", "Key on my desk")
    assert AuditEvent.objects.get(event=Event.PASSKEY_RENAMED).details == {"passkey": str(passkey.id)}


def test_removal_is_recorded_once_and_the_owner_told(alice: User, phone: Authenticator) -> None:
    passkey = alice.passkeys.get()
    for _ in range(2):
        collection.remove(passkey, actor_id=passkey.user_id, source=HERE)
    assert not alice.passkeys.exists()
    assert AuditEvent.objects.filter(event=Event.PASSKEY_REMOVED).count() == 1
    assert [what for what, _ in notices()] == ["factor_added", "factor_removed"]
