"""What none of `ENCRYPTION_KEYS` opens: said before anything starts, and given up when its key is lost (SECURITY K-15)."""

import base64
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from accounts.keys import ring, rotation
from accounts.keys.models import SigningKey
from accounts.mfa import totp
from accounts.outbox import enqueue
from accounts.outbox.models import OutboxMessage
from accounts.tokens import access
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support import ways
from tests.support.phone import Phone, enrolled

NEW = base64.urlsafe_b64encode(b"n" * 32).decode()

pytestmark = pytest.mark.django_db


@pytest.fixture
def phone(alice: User) -> Phone:
    return enrolled(alice)


def refusal(*command: str) -> str:
    """What it says instead of starting; empty when it starts."""
    try:
        call_command(*command, stdout=StringIO())
    except CommandError as error:
        return str(error)
    return ""


def write_a_mail() -> None:
    enqueue.mail("set_password", to="alice@example.com", user_id=None, name="Alice", url="http://testserver/x", expires_hours=24)


def test_K15_each_kind_of_what_is_stored_is_counted(settings: Settings, phone: Phone) -> None:
    OutboxMessage.objects.all().delete()
    write_a_mail()
    assert refusal("prepare") == refusal("worker", "--once") == ""
    write_a_mail()
    settings.ENCRYPTION_KEYS = [NEW]
    for command in (["prepare"], ["worker", "--once"]):
        assert "does not open 2 signing keys, 1 authenticator secrets, 1 waiting messages." in refusal(*command)


def test_K15_an_authenticator_alone_stops_the_start(settings: Settings, phone: Phone) -> None:
    OutboxMessage.objects.all().delete()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    rotation.rewrap()
    settings.ENCRYPTION_KEYS = [NEW]
    assert "does not open 1 authenticator secrets." in refusal("prepare")


def test_K15_messages_that_were_given_up_and_keys_that_are_gone_stop_nothing(settings: Settings, db: None) -> None:
    write_a_mail()
    OutboxMessage.objects.update(failed_at="2026-01-01T00:00:00Z")
    rotation.pull(SigningKey.objects.get(state="next").kid)
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    rotation.rewrap()
    settings.ENCRYPTION_KEYS = [NEW]
    assert refusal("prepare") == ""


def test_K15_one_altered_signing_key_stops_the_start(db: None) -> None:
    row = SigningKey.objects.get(state="next")
    SigningKey.objects.filter(kid=row.kid).update(private_key_encrypted=row.private_key_encrypted[:-8] + "AAAAAAAA")
    assert "does not open 1 signing keys." in refusal("prepare")
    rotation.pull(row.kid)
    assert refusal("prepare") == ""


def test_K02_with_the_wrong_key_tokens_are_still_checked(settings: Settings, alice: User) -> None:
    app = signed_in(alice)
    settings.ENCRYPTION_KEYS = [NEW]
    ring.forget()
    access.forget()
    assert app.get("/api/v1/me/").status_code == 200


def test_K15_what_is_lost_is_given_up_and_its_factor_still_asked_for(settings: Settings, alice: User, phone: Phone) -> None:
    OutboxMessage.objects.all().delete()
    write_a_mail()
    settings.ENCRYPTION_KEYS = [NEW]
    ring.forget()
    out = StringIO()
    call_command("rotate_keys", "--lost", stdout=out)
    assert "Given up: 2 keys, 1 messages, 1 authenticators." in out.getvalue()
    assert refusal("prepare") == ""
    assert sorted(SigningKey.objects.values_list("state", flat=True)) == ["active", "gone", "gone", "next"]
    assert ways.outcome(ways.password(alice)) == (401, "mfa_required")
    assert not totp.accept(alice.id, phone.code())
    assert totp.unopenable().count() == 0


def test_K15_control_with_every_key_in_its_place_nothing_is_given_up(alice: User, phone: Phone) -> None:
    out = StringIO()
    call_command("rotate_keys", "--lost", stdout=out)
    assert "Given up: 0 keys, 0 messages, 0 authenticators." in out.getvalue()
    assert totp.accept(alice.id, phone.code(1))
