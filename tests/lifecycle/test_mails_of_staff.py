"""Mails of staff that let somebody choose a password: by the link or the code, and nothing else (SECURITY L-14)."""

import time
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.test import Client

from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.mailbox import Letter, last_letter
from tests.support.ways import RESET, RESET_CONFIRM, opens, outcome

CAROL, ALICE = "carol@example.com", "alice@example.com"
NEW = "a quite different staple"
DAY = 86_400


def invited(root_app: App, **body: Any) -> Letter:
    assert root_app.post("/api/v1/users/", {"email": CAROL, **body}).status_code == 201
    return last_letter(CAROL)


def sent_a_link(root_app: App, user: User) -> Letter:
    assert root_app.post(f"/api/v1/users/{user.id}/send-password-link/").status_code == 202
    return last_letter(str(user.email))


def by_code(letter: Letter, email: str, new_password: str = NEW, **more: Any) -> tuple[int, str]:
    return outcome(App().post(RESET_CONFIRM, {"email": email, "code": letter.code, "new_password": new_password, **more}))


def by_link(letter: Letter, new_password: str = NEW, **more: Any) -> tuple[int, str]:
    return outcome(App().post(RESET_CONFIRM, {"token": letter.token, "new_password": new_password, **more}))


def test_code_of_an_invitation_chooses_the_password_and_verifies_the_address(root_app: App) -> None:
    assert by_code(invited(root_app), CAROL) == (204, "")
    assert User.objects.get(email=CAROL).email_verified_at is not None
    assert opens(CAROL, NEW)


def test_code_of_a_set_password_mail_chooses_the_password(root_app: App, alice: User) -> None:
    assert by_code(sent_a_link(root_app, alice), ALICE) == (204, "")
    assert opens(ALICE, NEW)


def test_L01_code_and_link_are_one_use(root_app: App) -> None:
    letter = invited(root_app)
    assert by_code(letter, CAROL) == (204, "")
    assert by_code(letter, CAROL, "yet another phrase") == (401, "invalid_code")
    assert by_link(letter, "yet another phrase") == (401, "token_invalid")
    assert opens(CAROL, NEW)


@pytest.mark.parametrize(("later", "fine"), [(7 * DAY - 5, True), (7 * DAY + 1, False)])
def test_code_of_an_invitation_lives_as_long_as_its_link(root_app: App, later: int, fine: bool) -> None:
    letter = invited(root_app)
    with time_machine.travel(time.time() + later, tick=False):
        assert by_code(letter, CAROL) == ((204, "") if fine else (401, "invalid_code"))


def test_new_mail_of_staff_voids_the_one_before(root_app: App, alice: User) -> None:
    first, second = sent_a_link(root_app, alice), sent_a_link(root_app, alice)
    assert by_link(first) == (401, "token_invalid")
    assert first.code == second.code or by_code(first, ALICE) == (401, "invalid_code")
    assert opens(ALICE, PASSWORD)
    assert by_link(second) == (204, "")


def test_set_password_mail_voids_the_invitation(root_app: App) -> None:
    invitation = invited(root_app)
    again = sent_a_link(root_app, User.objects.get(email=CAROL))
    assert by_link(invitation) == (401, "token_invalid")
    assert by_link(again) == (204, "")


def test_link_that_is_void_says_so_before_a_password_is_typed(root_app: App, alice: User) -> None:
    first, second = sent_a_link(root_app, alice), sent_a_link(root_app, alice)
    pages = [Client().get("/account/reset/", {"token": letter.token}).status_code for letter in (first, second)]
    assert pages == [400, 200]


def test_stranger_who_asks_for_a_reset_does_not_void_an_invitation(root_app: App) -> None:
    letter = invited(root_app)
    App().post(RESET, {"email": CAROL})
    assert last_letter(CAROL).template == "reset_password"
    assert by_code(letter, CAROL) == (204, "")


def test_code_of_a_reset_works_beside_an_invitation(root_app: App) -> None:
    invited(root_app)
    App().post(RESET, {"email": CAROL})
    assert by_code(last_letter(CAROL), CAROL) == (204, "")


def test_P24_sixth_try_is_refused_even_if_right(root_app: App) -> None:
    letter = invited(root_app)
    for _ in range(5):
        assert by_code(Letter("", {"code": "nonsense"}), CAROL) == (401, "invalid_code")
    assert by_code(letter, CAROL) == (401, "invalid_code")
    assert by_link(letter) == (204, "")


POWERS: dict[str, Any] = {"groups": ["managers"], "is_staff": True, "is_superuser": True, "email": "mallory@example.com", "id": 1}


@pytest.mark.parametrize("field", POWERS)
def test_L14_invitation_gives_no_more_than_staff_gave(root_app: App, field: str) -> None:
    Group.objects.create(name="managers")
    letter = invited(root_app, groups=[], name="Carol")
    before = User.objects.values("id", "email", "name", "is_staff", "is_superuser", "groups").get(email=CAROL)
    more = {field: POWERS[field]}
    by_link(letter, **more)
    Client().post("/account/reset/", {"token": letter.token, "new_password": NEW, **more})
    assert opens(CAROL, NEW)
    assert User.objects.values("id", "email", "name", "is_staff", "is_superuser", "groups").get(email=CAROL) == before
    assert not User.objects.filter(email="mallory@example.com").exists()


def test_L14_code_of_an_invitation_is_good_for_its_own_address_alone(root_app: App, alice: User) -> None:
    letter = invited(root_app)
    assert by_code(letter, ALICE) == (401, "invalid_code")
    assert opens(ALICE, PASSWORD)
    assert by_code(letter, CAROL) == (204, "")
