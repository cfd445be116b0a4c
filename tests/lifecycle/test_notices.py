"""What people are told about their account: in their language, with the moment and its zone, and a way to object."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail as sent
from django.test import Client

from accounts.core.requests import Source
from accounts.management.commands.worker import work
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.users.models import User

MOMENT = datetime(2026, 11, 29, 12, 38, tzinfo=UTC)
HOME = Source(address="203.0.113.9")
DETAILS = {"factor": "totp", "left": 3, "device_name": "Phone", "platform": "ios", "new_address": "c…@example.com"}
TOLD = [what for what in Notice if what is not Notice.DELETION_REQUESTED]
"""That one is told to nobody who stays: `test_way_back.py`."""


def delivered(user: User, what: Notice) -> str:
    sent.outbox.clear()
    enqueue.notice(what, user.id, source=HOME, **DETAILS)
    work()
    (message,) = sent.outbox
    return str(message.body)


@pytest.mark.parametrize("what", TOLD)
def test_each_says_when_and_in_which_zone(alice: User, what: Notice) -> None:
    with time_machine.travel(MOMENT, tick=False):
        assert "29 Nov 2026, 12:38 UTC" in delivered(alice, what)


@pytest.mark.parametrize("what", TOLD)
def test_each_says_it_as_the_language_of_its_reader_does(alice: User, what: Notice) -> None:
    User.objects.filter(id=alice.id).update(language="de")
    with time_machine.travel(MOMENT, tick=False):
        assert "29. November 2026, 12:38 UTC" in delivered(alice, what)


def test_moment_is_that_of_the_act_and_not_of_the_mail(alice: User) -> None:
    with time_machine.travel(MOMENT, tick=False):
        enqueue.notice(Notice.NEW_DEVICE, alice.id, source=HOME, **DETAILS)
    with time_machine.travel(MOMENT + timedelta(days=1), tick=False):
        work()
    assert "29 Nov 2026, 12:38 UTC" in str(sent.outbox[0].alternatives[0].content)


@pytest.mark.parametrize("what", TOLD)
def test_each_has_a_link_that_locks_everybody_out(alice: User, what: Notice) -> None:
    found = re.search(r"http://testserver(/account/not-me/\?token=\S+)", delivered(alice, what))
    assert found
    assert Client().get(found[1]).status_code == 200


def test_the_link_is_its_owners(alice: User, bob: User) -> None:
    found = re.search(r"http://testserver(/account/not-me/\?token=\S+)", delivered(bob, Notice.NEW_DEVICE))
    assert found
    page = Client().get(found[1]).content.decode()
    assert "bob@example.com" in page
    assert "alice@example.com" not in page


def test_a_guest_is_told_nothing(db: None) -> None:
    guest = User.objects.create()
    enqueue.notice(Notice.NEW_DEVICE, guest.id, source=HOME)
    work()
    assert sent.outbox == []


def test_somebody_who_has_gone_is_told_nothing(alice: User) -> None:
    enqueue.notice(Notice.NEW_DEVICE, alice.id, source=HOME, **DETAILS)
    alice.delete()
    work()
    assert sent.outbox == []


def test_it_goes_to_the_address_that_somebody_has_when_it_is_delivered(alice: User) -> None:
    enqueue.notice(Notice.NEW_DEVICE, alice.id, source=HOME, **DETAILS)
    User.objects.filter(id=alice.id).update(email="moved@example.com")
    work()
    assert [message.to for message in sent.outbox] == [["moved@example.com"]]


@pytest.mark.parametrize(("platform", "shown"), [("ios", "iOS"), ("android", "Android"), ("web", "Browser"), ("cli", "cli")])
def test_the_platform_is_spelt_as_people_know_it(alice: User, platform: str, shown: str) -> None:
    sent.outbox.clear()
    enqueue.notice(Notice.NEW_DEVICE, alice.id, source=HOME, device_name="Phone", platform=platform)
    work()
    (message,) = sent.outbox
    assert f"Phone ({shown})" in message.body
    assert shown in message.alternatives[0].content
