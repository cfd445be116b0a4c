"""Whoever owns an account is told of each device that signs in to it, except by the sign-in that completes their joining."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.devices.models import Device
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import App
from tests.support.mailbox import last_letter, notices
from tests.support.pages import visitor
from tests.support.ways import VERIFY_CODE, ask_code, password, register, verify_by_code, verify_by_link

pytestmark = pytest.mark.usefixtures("db")
CAROL = "carol@example.com"


def told() -> int:
    return len(notices("new_device"))


def joined_by_code() -> int:
    register(CAROL)
    return verify_by_code(CAROL).status_code


def joined_by_link() -> int:
    register(CAROL)
    return verify_by_link(CAROL).status_code


def joined_by_sign_in_code() -> int:
    register(CAROL)
    return App().post(VERIFY_CODE, ask_code(CAROL)).status_code


def joined_on_a_page() -> int:
    register(CAROL)
    return visitor().post("/account/verify/", {"token": last_letter(CAROL).token}).status_code


@pytest.mark.parametrize("join", [joined_by_code, joined_by_link, joined_by_sign_in_code, joined_on_a_page])
def test_joining_is_no_news_and_the_next_device_is(join: Callable[[], int]) -> None:
    assert join() in {200, 303}
    assert (Device.objects.count(), told()) == (1, 0)
    App().post(VERIFY_CODE, ask_code(CAROL))
    assert (Device.objects.count(), told()) == (2, 1)


@pytest.mark.parametrize("how", [User.JoinedBy.IMPORT, User.JoinedBy.STAFF])
def test_first_sign_in_into_an_account_that_others_made_is_told(make_user: Callable[..., User], how: str) -> None:
    user = make_user(joined_by=how)
    assert password(user).status_code == 200
    assert [found["user_id"] for found in notices("new_device")] == [str(user.id)]


def test_sign_in_after_the_old_devices_were_swept_is_told(alice: User) -> None:
    known = signed_in(alice)
    before = told()
    assert App().post("/auth/token/", body(alice, known.refresh)).status_code == 200
    assert told() == before
    Device.objects.all().delete()
    assert password(alice).status_code == 200
    assert told() == before + 1


def body(user: User, refresh: str) -> dict[str, Any]:
    return {"email": user.email, "password": "correct horse battery staple", "device": {"refresh": refresh}}
