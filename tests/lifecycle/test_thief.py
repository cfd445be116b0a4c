"""Somebody got in. What they left behind must not outlive what the owner does about it (SECURITY L-05, L-09, L-10)."""

from collections.abc import Callable

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.mailbox import last_letter, letters, notices
from tests.support.way_back import mailed_token
from tests.support.ways import ask_code, opens, register, verify_by_code, verify_by_link

ASK, CONFIRM, UNDO = "/api/v1/me/email/", "/auth/email/change/confirm/", "/auth/email/change/undo/"
RESET, RESET_CONFIRM = "/auth/password/reset/", "/auth/password/reset/confirm/"
ALICE, THIEF, SECOND = "alice@example.com", "thief@example.com", "thief2@example.com"
NEW = "a quite different staple"


def post(path: str, **body: str) -> int:
    return Client().post(path, body, "application/json").status_code


def address(user: User) -> str | None:
    return User.objects.get(id=user.id).email


def taken_over(app: App, to: str) -> None:
    assert app.post(ASK, {"email": to}).status_code == 202
    assert post(CONFIRM, email=to, code=last_letter(to).code) == 204
    app.rotate()


def change_password(app: App) -> None:
    assert app.post("/api/v1/me/password/", {"current_password": PASSWORD, "new_password": NEW}).status_code == 204


def reset_password(app: App) -> None:
    post(RESET, email=ALICE)
    assert post(RESET_CONFIRM, token=last_letter(ALICE).token, new_password=NEW) == 204


def say_not_me(app: App) -> None:
    token = mailed.url(MailedAct.NOT_ME, User.objects.get(email=ALICE)).partition("?token=")[2]
    assert Client().post("/account/not-me/", {"token": token}).status_code == 303


@pytest.mark.parametrize("act", [change_password, reset_password, say_not_me])
def test_L05_code_for_the_thiefs_address_dies_with_what_the_owner_does(app: App, alice: User, act: object) -> None:
    assert app.post(ASK, {"email": THIEF}).status_code == 202
    code = last_letter(THIEF).code
    act(app)  # type: ignore[operator]
    assert post(CONFIRM, email=THIEF, code=code) == 401
    assert address(alice) == ALICE


def test_L09_owner_is_told_when_a_change_is_asked_for(app: App) -> None:
    app.post(ASK, {"email": THIEF})
    assert [found["details"]["new_address"] for found in notices("address_change_requested")] == ["t…@example.com"]


def test_L09_undo_cannot_be_undone_by_whoever_made_the_changes(app: App, alice: User) -> None:
    taken_over(app, THIEF)
    taken_over(app, SECOND)
    assert post(UNDO, token=last_letter(ALICE).token) == 204
    thiefs = next(letter for letter in letters(THIEF) if letter.template == "address_changed")
    assert post(UNDO, token=thiefs.token) == 401
    assert address(alice) == ALICE


def test_L09_undo_of_the_thief_does_not_void_the_owners_of_the_same_second(app: App, alice: User) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        taken_over(app, THIEF)
        taken_over(app, SECOND)
        thiefs = next(letter for letter in letters(THIEF) if letter.template == "address_changed")
        assert post(UNDO, token=thiefs.token) == 204
        assert address(alice) == THIEF
        assert post(UNDO, token=last_letter(ALICE).token) == 204
    assert address(alice) == ALICE


def test_L09_undo_opens_an_account_that_the_thief_closed(app: App, alice: User) -> None:
    taken_over(app, THIEF)
    assert app.delete_with("/api/v1/me/", {"confirm": THIEF}).status_code == 202
    assert post(UNDO, token=last_letter(ALICE).token) == 204
    found = User.objects.get(id=alice.id)
    assert (found.email, found.deletion_due_at) == (ALICE, None)


def test_L12_owner_of_an_account_that_is_closed_may_say_not_me(app: App, alice: User) -> None:
    app.delete_with("/api/v1/me/", {"confirm": ALICE})
    token = mailed_token("/account/not-me/")
    assert Client().post("/account/not-me/", {"token": token}).status_code == 303
    assert User.objects.get(id=alice.id).deletion_due_at is None
    assert not opens(ALICE, PASSWORD)


@pytest.mark.parametrize("act", [change_password, say_not_me])
def test_L05_codes_to_reset_and_to_sign_in_die_with_a_change(app: App, act: object) -> None:
    post(RESET, email=ALICE)
    reset, code = last_letter(ALICE).code, ask_code(ALICE)
    act(app)  # type: ignore[operator]
    assert post(RESET_CONFIRM, email=ALICE, code=reset, new_password=NEW) == 401
    assert post("/auth/code/verify/", **code) == 401


def test_L05_code_of_an_old_mailbox_opens_nothing(app: App, alice: User) -> None:
    code = ask_code(ALICE)
    User.objects.filter(id=alice.id).update(email="elsewhere@example.com")
    assert post("/auth/code/verify/", **code) == 401


def test_L09_registration_of_the_old_address_does_not_block_the_undo(app: App, alice: User) -> None:
    taken_over(app, THIEF)
    undo = last_letter(ALICE).token
    register(ALICE)
    assert post(UNDO, token=undo) == 204
    assert address(alice) == ALICE


def test_registration_of_a_stranger_does_not_block_a_change(app: App, alice: User) -> None:
    register("wanted@example.com")
    taken_over(app, "wanted@example.com")
    assert address(alice) == "wanted@example.com"


def test_L10_code_typed_elsewhere_without_the_handle_drops_the_password(db: None) -> None:
    elsewhere = App(http=Client(REMOTE_ADDR="198.51.100.7", HTTP_USER_AGENT="the attacker's"))
    elsewhere.post("/auth/register/", {"email": "victim@example.com", "password": PASSWORD})
    assert verify_by_code("victim@example.com").status_code == 200
    assert not opens("victim@example.com", PASSWORD)


def test_L10_app_that_registered_keeps_it_without_the_handle_too(db: None) -> None:
    register("honest@example.com")
    assert verify_by_code("honest@example.com").status_code == 200
    assert opens("honest@example.com", PASSWORD)


def test_L10_imported_password_stays_for_whoever_knows_it_and_for_nobody_else(alice: User) -> None:
    imported = User.objects.filter(id=alice.id)
    for knows in (True, False):
        imported.update(email_verified_at=None, joined_by=User.JoinedBy.IMPORT)
        if knows:
            assert App().sign_in(ALICE).json()["code"] == "email_unverified"
        else:
            post("/auth/email/resend/", email=ALICE)
        assert verify_by_code(ALICE).status_code == 200
        assert opens(ALICE, PASSWORD) is knows
    assert imported.get().email_verified_at <= timezone.now()


@pytest.mark.parametrize("verify", [verify_by_code, verify_by_link])
def test_L10_handle_of_a_later_registration_does_not_keep_an_imported_password(
    alice: User, verify: Callable[..., HttpResponse]
) -> None:
    User.objects.filter(id=alice.id).update(email_verified_at=None, joined_by=User.JoinedBy.IMPORT)
    handle = register(ALICE, NEW)
    assert verify(ALICE, registration=handle).status_code == 200
    assert not opens(ALICE, PASSWORD)


@pytest.mark.parametrize("verify", [verify_by_code, verify_by_link])
def test_L10_handle_keeps_the_password_that_its_registration_chose(db: None, verify: Callable[..., HttpResponse]) -> None:
    register("honest@example.com", PASSWORD)
    handle = register("honest@example.com", NEW)
    assert verify("honest@example.com", registration=handle).status_code == 200
    assert opens("honest@example.com", NEW)
