"""Begin, confirm, remove: what is stored, what is said, what can never be read again (SECURITY P-11, K-15)."""

import base64
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.audit.models import AuditEvent
from accounts.core import crypto
from accounts.core.errors import AlreadyEnrolled, InvalidCode
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.mfa import factors, recovery_codes, totp
from accounts.mfa.models import Authenticator, RecoveryCode
from accounts.outbox.enqueue import context_of
from accounts.outbox.models import OutboxMessage
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.at_once import at_once
from tests.support.phone import Phone, enrolled, with_secret

HOME = Source(address="203.0.113.9")
OLD = base64.urlsafe_b64encode(b"k" * 32).decode()
NEW = base64.urlsafe_b64encode(b"n" * 32).decode()


def begun(user: User) -> Phone:
    return Phone(totp.begin(user.id, account_name=str(user)).secret)


def told() -> list[dict[str, Any]]:
    """What waits in the outbox, the oldest first."""
    rows = OutboxMessage.objects.order_by("id")
    return [json.loads(crypto.decrypt(row.payload_encrypted, context=context_of(row))) for row in rows]


def test_secret_has_160_bits_and_is_new_each_time(alice: User) -> None:
    made = {totp.begin(alice.id, account_name="x").secret for _ in range(20)}
    assert {len(base64.b32decode(secret)) for secret in made} == {20}
    assert len(made) == 20


def test_unconfirmed_authenticator_proves_nothing(alice: User) -> None:
    phone = begun(alice)
    assert not factors.has_authenticator(alice.id)
    assert not totp.accept(alice.id, phone.code())
    totp.confirm(alice.id, phone.code(), source=HOME)
    assert factors.has_authenticator(alice.id)


def test_beginning_again_voids_the_secret_before(alice: User) -> None:
    first, second = begun(alice), begun(alice)
    with pytest.raises(InvalidCode):
        totp.confirm(alice.id, first.code(), source=HOME)
    assert len(totp.confirm(alice.id, second.code(), source=HOME)) == 10


def test_confirmed_one_is_not_replaced(alice: User) -> None:
    phone = enrolled(alice)
    with pytest.raises(AlreadyEnrolled):
        begun(alice)
    with pytest.raises(AlreadyEnrolled):
        totp.confirm(alice.id, phone.code(), source=HOME)
    assert totp.accept(alice.id, phone.code())


@pytest.mark.parametrize("code", ["", "000", "abcdef"])
def test_confirmation_wants_a_code_of_this_secret(alice: User, code: str) -> None:
    phone = begun(alice)
    for wrong in (code, phone.wrong_code()):
        with pytest.raises(InvalidCode):
            totp.confirm(alice.id, wrong, source=HOME)
    assert (RecoveryCode.objects.count(), told()) == (0, [])
    totp.confirm(alice.id, phone.code(), source=HOME)


def test_nothing_begun_is_nothing_to_confirm(alice: User, bob: User) -> None:
    phone = begun(alice)
    with pytest.raises(InvalidCode):
        totp.confirm(bob.id, phone.code(), source=HOME)


def test_enrolment_is_recorded_and_told(alice: User) -> None:
    device = signed_in(alice).device
    totp.confirm(alice.id, begun(alice).code(), source=HOME, device_id=Device.objects.get().id)
    event = AuditEvent.objects.get(event="totp.enrolled")
    assert (event.subject_id, event.actor_id, str(event.device_id), event.address) == (alice.id, alice.id, device, HOME.address)
    (notice,) = told()
    assert (notice["what"], notice["user_id"]) == ("factor_added", str(alice.id))
    assert (notice["details"]["factor"], notice["details"]["address"]) == ("totp", HOME.address)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_confirmations_at_once_one_counts(alice: User) -> None:
    code = begun(alice).code()

    def confirm() -> list[str]:
        try:
            return totp.confirm(alice.id, code, source=HOME)
        except (InvalidCode, AlreadyEnrolled):
            return []

    (codes,) = filter(None, at_once(8, confirm))
    assert recovery_codes.left(alice.id) == len(codes) == 10
    assert AuditEvent.objects.filter(event="totp.enrolled").count() == len(told()) == 1


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_of_many_beginnings_at_once_the_last_counts(alice: User) -> None:
    secrets = at_once(8, lambda: totp.begin(alice.id, account_name="x").secret)
    assert len(set(secrets)) == 8
    stored = Authenticator.objects.get()
    assert crypto.decrypt(stored.secret_encrypted, context=f"totp/{alice.id}").decode() in secrets


def test_P11_secret_is_not_stored_in_clear(alice: User) -> None:
    phone, row = begun(alice), Authenticator.objects.get()
    raw = base64.urlsafe_b64decode(row.secret_encrypted.split(".")[2])
    assert phone.secret.encode() not in raw
    assert base64.b32decode(phone.secret) not in raw
    assert crypto.decrypt(row.secret_encrypted, context=f"totp/{alice.id}").decode() == phone.secret


def test_P11_secret_of_another_row_does_not_open(alice: User, bob: User) -> None:
    begun(alice)
    moved = Authenticator.objects.get().secret_encrypted
    with pytest.raises(crypto.CannotDecrypt):
        crypto.decrypt(moved, context=f"totp/{bob.id}")


def test_P11_no_message_or_record_holds_the_secret(alice: User) -> None:
    phone = enrolled(alice)
    written = json.dumps([told(), *AuditEvent.objects.values("details")], default=str)
    assert phone.secret not in written
    assert not [code for code in phone.recovery_codes if code in written]


def test_removal_takes_the_recovery_codes_and_leaves_the_devices(alice: User, bob: User) -> None:
    app, other = signed_in(alice), signed_in(alice)
    phone = enrolled(alice)
    bobs = enrolled(bob)
    totp.remove(alice.id, actor_id=alice.id, source=HOME)
    assert not factors.has_authenticator(alice.id)
    assert (totp.accept(alice.id, phone.code()), recovery_codes.left(alice.id)) == (False, 0)
    assert [signed.rotate().status_code for signed in (app, other)] == [200, 200]
    assert (totp.accept(bob.id, bobs.code()), recovery_codes.left(bob.id)) == (True, 10)
    assert AuditEvent.objects.filter(event="totp.removed", subject_id=alice.id).count() == 1
    assert (told()[-1]["what"], told()[-1]["details"]["factor"]) == ("factor_removed", "totp")


def test_removing_what_never_counted_is_told_to_nobody(alice: User) -> None:
    totp.remove(alice.id, actor_id=alice.id, source=HOME)
    phone = begun(alice)
    totp.remove(alice.id, actor_id=alice.id, source=HOME)
    with pytest.raises(InvalidCode):
        totp.confirm(alice.id, phone.code(), source=HOME)
    assert (told(), AuditEvent.objects.filter(event="totp.removed").count()) == ([], 0)


def test_after_removal_one_may_begin_again(alice: User) -> None:
    enrolled(alice)
    totp.remove(alice.id, actor_id=alice.id, source=HOME)
    assert totp.accept(alice.id, enrolled(alice).code())


def test_K15_secrets_move_to_the_new_encryption_key(alice: User, bob: User, settings: Settings) -> None:
    phone, bobs = enrolled(alice), with_secret(bob, b"12345678901234567890")
    settings.ENCRYPTION_KEYS = [NEW, OLD]
    out = StringIO()
    call_command("rotate_keys", "--rewrap", stdout=out)
    assert "2 authenticators" in out.getvalue()
    settings.ENCRYPTION_KEYS = [NEW]
    assert (totp.accept(alice.id, phone.code()), totp.accept(bob.id, bobs.code())) == (True, True)


def test_authenticator_begun_long_ago_can_be_begun_anew(alice: User) -> None:
    begun(alice)
    before = timezone.now()
    begun(alice)
    assert Authenticator.objects.get().created_at >= before
