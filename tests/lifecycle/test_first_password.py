"""A password in an account that had none is a new way in: its owner is told (SECURITY P-10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.users.models import User
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.mailbox import last_letter, notices
from tests.support.pages import CHOOSE, visitor
from tests.support.ways import (
    AUTHENTICATE,
    RESET,
    RESET_CONFIRM,
    VERIFY_CODE,
    ask_code,
    opens,
    passkey_answer,
    passkey_of,
    register,
)

NEW = "a quite different staple"
ALICE, CAROL = "alice@example.com", "carol@example.com"


@pytest.fixture
def passwordless(make_user: Callable[..., User]) -> User:
    """Alice, who joined a year ago and has no password."""
    user = make_user(email_verified_at=timezone.now() - timedelta(days=365))
    user.set_unusable_password()
    user.save()
    return user


def by_passkey(user: User) -> App:
    key: Authenticator = passkey_of(user)
    return signed_in(AUTHENTICATE, passkey_answer(key))


def by_code(user: User) -> App:
    return signed_in(VERIFY_CODE, ask_code(user.email or ""))


def signed_in(path: str, proof: dict[str, Any]) -> App:
    app = App()
    app._keep(App().post(path, proof))
    return app


@pytest.mark.parametrize("way", [by_passkey, by_code])
def test_P10_owner_is_told_of_a_first_password(passwordless: User, way: Callable[[User], App]) -> None:
    app = way(passwordless)
    assert app.post("/api/v1/me/password/", {"new_password": NEW}).status_code == 204
    assert opens(ALICE, NEW)
    assert [found["details"]["is_first"] for found in notices("password_changed")] == [True]
    app.rotate()
    assert app.post("/api/v1/me/password/", {"current_password": NEW, "new_password": NEW + NEW}).status_code == 204
    assert [found["details"]["is_first"] for found in notices("password_changed")] == [True, False]


def test_P10_owner_is_told_of_one_that_was_chosen_by_mail(passwordless: User) -> None:
    App().post(RESET, {"email": ALICE})
    confirmed = App().post(RESET_CONFIRM, {"email": ALICE, "code": last_letter(ALICE).code, "new_password": NEW})
    assert confirmed.status_code == 204
    assert len(notices("password_changed")) == 1


@pytest.mark.parametrize(("passed", "told"), [(timedelta(0), 0), (settings.FACTOR_FRESHNESS_WINDOW + timedelta(minutes=1), 1)])
def test_first_password_is_a_part_of_joining(db: None, passed: timedelta, told: int) -> None:
    """Opened in another browser, the link of the mail drops the password that was typed, and asks for one."""
    register(CAROL)
    visitor().post("/account/verify/", {"token": last_letter(CAROL).token})
    browser = visitor()
    with time_machine.travel(timezone.now() + passed, tick=False):
        browser.post("/account/code/", {"email": CAROL})
        browser.post("/account/code/enter/", {"code": last_letter(CAROL).code})
        assert browser.post(CHOOSE, {"new_password": NEW, "next": "/"}).status_code == 303
    assert opens(CAROL, NEW)
    assert len(notices("password_changed")) == told


def test_invitation_that_is_accepted_is_no_change(root_app: App) -> None:
    root_app.post("/api/v1/users/", {"email": CAROL})
    assert App().post(RESET_CONFIRM, {"token": last_letter(CAROL).token, "new_password": NEW}).status_code == 204
    assert opens(CAROL, NEW)
    assert notices("password_changed") == []
