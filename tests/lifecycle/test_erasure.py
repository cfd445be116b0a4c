"""Somebody who used everything there is has gone: no table says so (SECURITY L-12)."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.lifecycle import deletion
from accounts.management.commands.worker import tidy
from accounts.revocations.models import Revocation
from accounts.users.models import ErasedAccount, User
from tests.support.grace import EMAIL, ME, Grace, found, grace

ID_STAYS = {ErasedAccount}
FEED = {Revocation}
"""What ended is named to every process until the last token that it concerns has run out: a quarter of an hour."""


@pytest.fixture
def rich(bob: User) -> Grace:
    return grace(bob)


def leave(somebody: Grace) -> None:
    headers = {"Authorization": f"Bearer {somebody.app.access}"}
    assert Client().delete(ME, {"confirm": EMAIL}, "application/json", headers=headers).status_code == 202


def test_L12_erasure_leaves_no_trace_of_a_rich_account(rich: Grace, settings: Settings) -> None:
    assert found(rich.traces, beside=ID_STAYS | FEED) == set(rich.traces)
    settings.DELETION_GRACE_PERIOD = timedelta(0)
    leave(rich)
    assert deletion.erase_due() == 1
    assert found(rich.traces, beside=ID_STAYS | FEED) == set()
    assert ErasedAccount.objects.filter(id=rich.user.id).exists()


def test_L12_feed_forgets_whom_it_named(rich: Grace, settings: Settings) -> None:
    settings.DELETION_GRACE_PERIOD = timedelta(0)
    leave(rich)
    deletion.erase_due()
    assert "id" in found(rich.traces, beside=ID_STAYS)
    with time_machine.travel(timezone.now() + timedelta(minutes=20), tick=False):
        tidy()
    assert found(rich.traces, beside=ID_STAYS) == set()
