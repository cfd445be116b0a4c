"""/auth/password/reset/: a new password by mail, and nobody signed in by it (SECURITY L-01, L-05, L-07, L-08, L-10)."""

import time
from typing import Any

import pytest
import time_machine

from accounts.devices.models import Device
from accounts.links import codes
from accounts.revocations import publish
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.at_once import at_once
from tests.support.mailbox import last_letter, letters, notices
from tests.support.phone import enrolled
from tests.support.ways import RESET, RESET_CONFIRM, TOKEN, opens, outcome, passkey_answer, passkey_of

pytestmark = pytest.mark.usefixtures("db")
ALICE = "alice@example.com"
NEW = "a brand new secret phrase"
WRONG = (401, "invalid_code")


def ask(email: str = ALICE) -> Any:
    assert App().post(RESET, {"email": email}).status_code == 202
    return last_letter(email)


def by_code(code: str, new: str = NEW, email: str = ALICE):
    return App().post(RESET_CONFIRM, {"email": email, "code": code, "new_password": new})


def by_link(token: str, new: str = NEW):
    return App().post(RESET_CONFIRM, {"token": token, "new_password": new})


def test_code_sets_the_password_and_every_device_ends(alice: User) -> None:
    app = signed_in(alice)
    answer = by_code(ask().code)
    assert (answer.status_code, answer.content) == (204, b"")
    assert outcome(app.rotate()) == (401, "device_revoked")
    assert opens(ALICE, NEW)
    assert not opens(ALICE, PASSWORD)
    assert len(notices("password_changed")) == 1


def test_link_does_it_too(alice: User) -> None:
    app = signed_in(alice)
    assert by_link(ask().token).status_code == 204
    assert outcome(app.rotate()) == (401, "device_revoked")
    assert opens(ALICE, NEW)


def test_code_and_link_are_one_use(alice: User) -> None:
    letter = ask()
    assert by_code(letter.code).status_code == 204
    assert outcome(by_code(letter.code, "yet another phrase")) == WRONG
    assert outcome(by_link(letter.token, "yet another phrase")) == (401, "token_invalid")
    letter = ask()
    assert by_link(letter.token, "yet another phrase").status_code == 204
    assert outcome(by_code(letter.code)) == WRONG


def test_L08_second_factor_is_still_asked_for(alice: User) -> None:
    enrolled(alice)
    assert by_code(ask().code).status_code == 204
    assert not Device.objects.exists()
    assert outcome(App().post(TOKEN, {"email": ALICE, "password": NEW})) == (401, "mfa_required")


def test_L08_passkeys_of_a_verified_account_stay(alice: User) -> None:
    key = passkey_of(alice)
    assert by_code(ask().code).status_code == 204
    assert App().post("/auth/passkeys/authenticate/", passkey_answer(key)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"new_password": NEW},
        {"token": "", "new_password": NEW},
        {"email": ALICE, "new_password": NEW},
        {"code": "123456", "new_password": NEW},
        {"email": ALICE, "code": "", "new_password": NEW},
        {"email": ALICE, "code": None, "new_password": NEW},
        {"email": ALICE, "code": "123456"},
        [],
    ],
)
def test_L07_step_that_comes_first_or_empty_does_nothing(alice: User, body: Any) -> None:
    assert outcome(App().post(RESET_CONFIRM, body)) == (400, "invalid")
    letter = ask()
    assert outcome(App().post(RESET_CONFIRM, body)) == (400, "invalid")
    assert opens(ALICE, PASSWORD)
    assert by_code(letter.code).status_code == 204


@pytest.mark.parametrize("code", ["000000", "", "undefined", "１２３４５６"])
def test_L07_code_that_nobody_asked_for_does_nothing(alice: User, code: str) -> None:
    assert by_code(code).status_code in {400, 401}
    assert by_link(code or "x").status_code == 401
    assert opens(ALICE, PASSWORD)


def test_P24_sixth_try_is_refused_even_if_right(alice: User) -> None:
    code = ask().code
    for _ in range(codes.TRIES):
        assert outcome(by_code(f"{(int(code) + 1) % 10**6:06}")) == WRONG
    assert outcome(by_code(code)) == WRONG
    assert by_code(ask().code).status_code == 204


def test_password_that_is_refused_leaves_the_code_good(alice: User) -> None:
    letter = ask()
    for answer in (by_code(letter.code, "short"), by_link(letter.token, "short"), by_code(letter.code, "password1234567")):
        assert outcome(answer) == (400, "invalid")
        assert list(answer.json()["errors"]) == ["new_password"]
    assert by_link(letter.token).status_code == 204


def test_L05_change_of_the_account_outdates_the_link(alice: User) -> None:
    letter = ask()
    publish.users_stale([alice.id])
    assert outcome(by_link(letter.token)) == (401, "token_invalid")


@pytest.mark.parametrize(("later", "fine"), [(codes.RESET_LIFETIME - 5, True), (codes.RESET_LIFETIME + 1, False)])
def test_code_and_link_live_for_half_an_hour(alice: User, later: int, fine: bool) -> None:
    letter = ask()
    with time_machine.travel(time.time() + later, tick=False):
        assert (by_link(letter.token).status_code, by_code(letter.code).status_code) == ((204, 401) if fine else (401, 401))


@pytest.mark.parametrize("state", [{"is_active": False}, {"deletion_due_at": "2026-12-01T00:00:00Z"}])
def test_closed_account_gets_no_mail_and_takes_no_code(alice: User, state: dict[str, Any]) -> None:
    letter = ask()
    User.objects.filter(id=alice.id).update(**state)
    App().post(RESET, {"email": ALICE})
    assert len(letters(ALICE)) == 1
    assert outcome(by_code(letter.code)) == WRONG
    assert outcome(by_link(letter.token)) == (401, "token_invalid")
    User.objects.filter(id=alice.id).update(is_active=True, deletion_due_at=None)
    assert by_code(ask().code).status_code == 204


def test_code_of_somebody_else_does_not_do(alice: User, bob: User) -> None:
    hers, his = ask(), ask("bob@example.com")
    if hers.code != his.code:
        assert outcome(by_code(his.code)) == WRONG
    assert by_code(hers.code).status_code == 204
    assert opens("bob@example.com", PASSWORD)


def test_somebody_without_a_password_gets_one(alice: User) -> None:
    User.objects.filter(id=alice.id).update(password="!")
    assert by_code(ask().code).status_code == 204
    assert opens(ALICE, NEW)


def test_reset_opens_again_what_guesses_had_closed(alice: User) -> None:
    began = time.time()
    for number in range(100):
        with time_machine.travel(began + number * 4_000, tick=False):
            App().post(TOKEN, {"email": ALICE, "password": "wrong password"})
    with time_machine.travel(began + 401_000 + 901, tick=False):
        assert not opens(ALICE, PASSWORD)
        assert by_code(ask().code).status_code == 204
        assert (
            App(http=type(App().http)(REMOTE_ADDR="198.51.100.9")).post(TOKEN, {"email": ALICE, "password": NEW}).status_code
            == 200
        )


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_L01_of_many_at_once_one_sets_the_password(make_user: Any) -> None:
    make_user()
    code = ask().code
    answers = at_once(8, lambda: by_code(code).status_code)
    assert answers.count(204) == 1
    assert set(answers) <= {204, 401, 503}
