"""What nobody came for is swept after a week, and nothing that somebody may still come for (SECURITY S-03)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.devices.models import Device
from accounts.lifecycle import deletion
from accounts.users.models import ErasedAccount, User
from tests.lifecycle.test_guests import guest
from tests.support.app import PASSWORD, App
from tests.support.mailbox import last_letter
from tests.support.ways import VERIFY, opens, register

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("db")]
CAROL = "carol@example.com"


def resend() -> None:
    assert App().post("/auth/email/resend/", {"email": CAROL}).status_code == 202


def register_again() -> None:
    register(CAROL)


def try_the_password() -> None:
    assert App().post("/auth/token/", {"email": CAROL, "password": PASSWORD}).json()["code"] == "email_unverified"


@contextmanager
def days(passed: float, since: datetime) -> Iterator[None]:
    with time_machine.travel(since + timedelta(days=passed), tick=False):
        yield


@pytest.mark.parametrize("ask", [resend, register_again, try_the_password])
def test_registration_stays_as_long_as_its_newest_mail_opens_something(ask: Callable[[], None]) -> None:
    began = timezone.now()
    register(CAROL)
    with days(6.5, began):
        ask()
    with days(7.2, began):
        deletion.sweep_abandoned()
        assert App().post(VERIFY, {"token": last_letter(CAROL).token}).status_code == 200


def test_registration_goes_once_no_mail_opens_anything() -> None:
    began = timezone.now()
    register(CAROL)
    with days(6.5, began):
        resend()
    with days(6.9, began):
        assert deletion.sweep_abandoned() == 0
    with days(7.6, began):
        assert deletion.sweep_abandoned() == 1
    assert not User.objects.exists()


@contextmanager
def between_look_and_erasure(act: Callable[[], object]) -> Iterator[None]:
    """`act` happens when the sweep has chosen whom to erase, and has not begun with it."""
    looks, acted = [], []

    def interrupt(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if f"LIMIT {deletion._BATCH}" in sql:
            looks.append(sql)
        elif looks and not acted:
            acted.append(sql)
            act()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(interrupt):
        yield
    assert acted


def test_who_verifies_between_look_and_erasure_stays() -> None:
    began = timezone.now()
    register(CAROL)
    with days(8, began):
        verified = {"email_verified_at": timezone.now()}
        with between_look_and_erasure(lambda: User.objects.filter(email=CAROL).update(**verified)):
            assert deletion.sweep_abandoned() == 0
    assert opens(CAROL, PASSWORD)
    assert not ErasedAccount.objects.exists()


def test_guest_who_joins_between_look_and_erasure_stays() -> None:
    began = timezone.now()
    guest()
    Device.objects.all().delete()
    user = User.objects.get()
    with days(8, began), between_look_and_erasure(lambda: user.identities.create(provider="google", issuer="x", subject="1")):
        assert deletion.sweep_abandoned() == 0
    assert User.objects.filter(id=user.id).exists()


def test_guest_who_is_about_to_confirm_an_address_stays() -> None:
    began = timezone.now()
    app = guest()
    with days(6.9, began):
        app.rotate()
        assert app.post("/api/v1/me/email/", {"email": CAROL}).status_code == 202
        Device.objects.all().delete()
    with days(7.2, began):
        assert deletion.sweep_abandoned() == 0
        confirmed = App().post("/auth/email/change/confirm/", {"email": CAROL, "code": last_letter(CAROL).code})
        assert confirmed.status_code == 204
    with days(9, began):
        assert deletion.sweep_abandoned() == 0
    assert User.objects.get().email == CAROL
