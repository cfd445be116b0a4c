"""What people are told about their second factors, as it arrives (SECURITY P-12)."""

import pytest
from django.core import mail as sent

from accounts.core.requests import Source
from accounts.management.commands.worker import HANDLERS
from accounts.mfa import recovery_codes, totp
from accounts.outbox import delivery, enqueue
from accounts.outbox.enqueue import Notice
from accounts.users.models import User
from tests.support.phone import enrolled

HOME = Source(address="203.0.113.9")
pytestmark = pytest.mark.django_db


def delivered() -> list[tuple[str, str, str]]:
    """Subject, text and HTML of what the worker sends now."""
    sent.outbox.clear()
    delivery.deliver_due(HANDLERS)
    return [(message.subject, message.body, str(message.alternatives[0].content)) for message in sent.outbox]


@pytest.mark.parametrize(
    ("what", "factor", "subject", "sentence"),
    [
        (Notice.FACTOR_ADDED, "totp", "An authenticator app was added to your Signet account", "asks for a code from it"),
        (Notice.FACTOR_ADDED, "passkey", "A passkey was added to your Signet account", "can be used to sign in"),
        (Notice.FACTOR_ADDED, "recovery_codes", "New recovery codes for your Signet account", "old ones no longer work"),
        (Notice.FACTOR_REMOVED, "totp", "The authenticator app was removed from your Signet account", "codes no longer work"),
        (Notice.FACTOR_REMOVED, "passkey", "A passkey was removed from your Signet account", "no longer be used"),
    ],
)
def test_mail_names_the_factor(alice: User, what: Notice, factor: str, subject: str, sentence: str) -> None:
    enqueue.notice(what, alice.id, source=HOME, factor=factor)
    ((head, *bodies),) = delivered()
    assert head == subject
    for body in bodies:
        assert sentence in body
        assert HOME.address in body
        assert "Name" not in body


def test_mail_names_the_passkey_and_escapes_it(alice: User) -> None:
    enqueue.notice(Notice.FACTOR_ADDED, alice.id, source=HOME, factor="passkey", factor_name="Phone <b>& key")
    ((_, text, html),) = delivered()
    assert "Name: Phone <b>& key" in text
    assert "Phone &lt;b&gt;&amp; key" in html


@pytest.mark.parametrize(("left", "sentence"), [(9, "You have 9 codes left."), (1, "You have 1 code left."), (0, "the last one")])
def test_P12_mail_about_a_used_code_offers_new_ones(alice: User, left: int, sentence: str) -> None:
    enqueue.notice(Notice.RECOVERY_CODE_USED, alice.id, source=HOME, left=left)
    ((subject, *bodies),) = delivered()
    assert subject == "A recovery code of your Signet account was used"
    for body in bodies:
        assert sentence in body
        assert "ake a new set" in body
        assert "http://testserver/account/security/" in body


def test_whole_life_of_an_authenticator_is_told(alice: User) -> None:
    phone = enrolled(alice)
    recovery_codes.accept(alice.id, phone.recovery_codes[0], source=HOME)
    recovery_codes.renew(alice.id, source=HOME)
    totp.remove(alice.id, actor_id=alice.id, source=HOME)
    assert [subject.split(" your ")[0] for subject, _, _ in delivered()] == [
        "An authenticator app was added to",
        "A recovery code of",
        "New recovery codes for",
        "The authenticator app was removed from",
    ]
