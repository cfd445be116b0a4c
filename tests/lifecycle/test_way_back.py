"""Somebody who closed their account and lost the mail gets its link again, wherever they knock (SECURITY L-13)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as sent
from django.test import Client
from django.utils import timezone

from accounts.management.commands.worker import work
from accounts.users.models import User
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.way_back import way_back
from tests.support.ways import CODE, REGISTER, RESET, SIGN_UP, SIGN_UP_OPTIONS

pytestmark = pytest.mark.django_db
ALICE, PHRASE = "alice@example.com", "correct horse battery staple 2"


def passkey_sign_up() -> Any:
    asked = App().post(SIGN_UP_OPTIONS, {"email": ALICE}).json()
    return App().post(SIGN_UP, {"challenge": asked["challenge"], "credential": Authenticator().create(asked["publicKey"])})


KNOCKS: dict[str, Callable[[], Any]] = {
    "reset": lambda: App().post(RESET, {"email": ALICE}),
    "code": lambda: App().post(CODE, {"email": ALICE}),
    "sign-up": lambda: App().post(REGISTER, {"email": ALICE, "password": PHRASE}),
    "sign-up with a passkey": passkey_sign_up,
    "page of a reset": lambda: Client().post("/account/reset/", {"email": ALICE}),
    "page of a code": lambda: Client().post("/account/code/", {"email": ALICE}),
}


@pytest.fixture
def leaving(alice: User) -> User:
    User.objects.filter(id=alice.id).update(deletion_due_at=timezone.now() + timedelta(days=9))
    return alice


@pytest.mark.parametrize("knock", KNOCKS.values(), ids=KNOCKS)
def test_link_is_mailed_again_and_brings_the_account_back(leaving: User, knock: Callable[[], Any]) -> None:
    knock()
    assert Client().post("/account/delete/cancel/", {"token": way_back()}).status_code == 303
    assert App().sign_in(ALICE).status_code == 200


@pytest.mark.parametrize("knock", KNOCKS.values(), ids=KNOCKS)
@pytest.mark.parametrize("state", [{"deletion_due_at": None}, {"is_active": False}], ids=["open", "disabled"])
def test_nobody_else_gets_one(leaving: User, knock: Callable[[], Any], state: dict[str, Any]) -> None:
    User.objects.filter(id=leaving.id).update(**state)
    knock()
    assert way_back() == ""


def test_E11_strangers_cause_three_such_mails_and_no_more(leaving: User) -> None:
    for _ in range(9):
        KNOCKS["reset"]()
    work()
    assert [message.to for message in sent.outbox] == [[ALICE]] * 3


def test_mail_names_the_day_in_the_language_of_its_owner(leaving: User) -> None:
    day = timezone.now().replace(year=2026, month=12, day=8)
    User.objects.filter(id=leaving.id).update(language="de", deletion_due_at=day)
    KNOCKS["reset"]()
    work()
    (message,) = sent.outbox
    assert "8. Dezember 2026" in str(message.body)
    assert "8. Dezember 2026" in str(message.alternatives[0].content)


def test_nothing_is_mailed_when_the_account_is_back_before_the_delivery(leaving: User) -> None:
    KNOCKS["reset"]()
    User.objects.filter(id=leaving.id).update(deletion_due_at=None)
    work()
    assert sent.outbox == []
