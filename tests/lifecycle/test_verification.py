"""/auth/email/verify/ and /auth/email/resend/ (SECURITY L-01, L-06, L-07, P-24)."""

import time
from typing import Any

import pytest
import time_machine

from accounts.links import codes, mailed
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.revocations import publish
from accounts.users.models import User
from tests.support.app import App
from tests.support.at_once import at_once
from tests.support.mailbox import last_letter, letters
from tests.support.ways import VERIFY, outcome, register, verify_by_code, verify_by_link

pytestmark = pytest.mark.usefixtures("db")
CAROL = "carol@example.com"
RESEND = "/auth/email/resend/"
WRONG = (401, "invalid_code")


def by_code(code: str, email: str = CAROL):
    return App().post(VERIFY, {"email": email, "code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_code_and_link_are_one_use() -> None:
    register(CAROL)
    assert verify_by_code(CAROL).status_code == 200
    assert outcome(verify_by_code(CAROL)) == WRONG
    assert outcome(verify_by_link(CAROL)) == (401, "token_invalid")


def test_link_ends_the_code() -> None:
    register(CAROL)
    assert verify_by_link(CAROL).status_code == 200
    assert outcome(verify_by_code(CAROL)) == WRONG
    assert outcome(verify_by_link(CAROL)) == (401, "token_invalid")


def test_P24_sixth_try_is_refused_even_if_right() -> None:
    register(CAROL)
    code = last_letter(CAROL).code
    for _ in range(codes.TRIES):
        assert outcome(by_code(wrong(code))) == WRONG
    assert outcome(by_code(code)) == WRONG
    App().post(RESEND, {"email": CAROL})
    assert verify_by_code(CAROL).status_code == 200


@pytest.mark.parametrize(("later", "status"), [(86_400 - 5, 200), (86_400 + 1, 401)])
def test_code_and_link_live_for_a_day(later: int, status: int) -> None:
    register(CAROL)
    token = last_letter(CAROL).token
    with time_machine.travel(time.time() + later, tick=False):
        if status == 401:
            assert outcome(App().post(VERIFY, {"token": token})) == (401, "token_expired")
        assert verify_by_code(CAROL).status_code == status


@pytest.mark.parametrize(
    "body", [{}, {"email": CAROL}, {"code": "123456"}, {"token": ""}, {"email": CAROL, "code": 123456}, {"x": 1}]
)
def test_L07_request_that_lacks_something_is_refused(body: dict[str, Any]) -> None:
    register(CAROL)
    assert outcome(App().post(VERIFY, body)) == (400, "invalid")
    assert verify_by_code(CAROL).status_code == 200


@pytest.mark.parametrize("code", ["", " ", "000", "abcdef", "１２３４５６", "1" * 20, "null"])
def test_L07_text_that_is_no_code_verifies_nothing(code: str) -> None:
    register(CAROL)
    assert outcome(by_code(code)) in {WRONG, (400, "invalid")}
    assert outcome(by_code(last_letter(CAROL).code, "nobody@example.com")) == WRONG
    assert User.objects.get().email_verified_at is None
    assert verify_by_code(CAROL).status_code == 200


@pytest.mark.parametrize("act", [act for act in MailedAct if act is not MailedAct.VERIFY_EMAIL])
def test_L06_link_for_something_else_verifies_nothing(act: MailedAct) -> None:
    register(CAROL)
    token = mailed.url(act, User.objects.get()).partition("token=")[2]
    assert outcome(App().post(VERIFY, {"token": token})) == (401, "token_invalid")
    assert verify_by_link(CAROL).status_code == 200


@pytest.mark.parametrize("purpose", [purpose for purpose in CodePurpose if purpose is not CodePurpose.VERIFY_EMAIL])
def test_L06_code_for_something_else_verifies_nothing(purpose: CodePurpose) -> None:
    register(CAROL)
    asked = codes.ask(purpose, CAROL, user_id=User.objects.get().id)
    if asked.code != last_letter(CAROL).code:
        assert outcome(by_code(asked.code)) == WRONG
    assert verify_by_code(CAROL).status_code == 200


def test_L05_link_of_before_a_change_is_outdated() -> None:
    register(CAROL)
    token = last_letter(CAROL).token
    publish.users_stale([User.objects.get().id])
    assert outcome(App().post(VERIFY, {"token": token})) == (401, "token_invalid")


def test_resend_voids_the_code_before() -> None:
    register(CAROL)
    first = last_letter(CAROL)
    assert App().post(RESEND, {"email": CAROL}).status_code == 202
    assert [letter.template for letter in letters(CAROL)] == ["verify_email"] * 2
    assert outcome(App().post(VERIFY, {"token": first.token})) == (401, "token_invalid")
    assert outcome(by_code(first.code)) == WRONG or first.code == last_letter(CAROL).code
    assert verify_by_code(CAROL).status_code == 200


@pytest.mark.parametrize("state", [{}, {"is_active": False}, {"email_verified_at": None, "is_active": False}])
def test_resend_mails_nobody_who_does_not_wait_for_it(alice: User, state: dict[str, Any]) -> None:
    User.objects.filter(id=alice.id).update(**state)
    for email in (str(alice.email), "nobody@example.com"):
        assert App().post(RESEND, {"email": email}).status_code == 202
        assert letters(email) == []


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_L01_of_many_at_once_one_verifies(transactional_db: None) -> None:
    register(CAROL)
    letter, turns = last_letter(CAROL), iter([{"token": None}, {"code": None}] * 4)

    def act() -> int:
        body = {"token": letter.token} if "token" in next(turns) else {"email": CAROL, "code": letter.code}
        return App().post(VERIFY, body).status_code

    answers = at_once(8, act)
    assert answers.count(200) == 1
    assert set(answers) <= {200, 401, 503}
