"""Whole answers, compared: nobody learns at any door whether an address has an account (SECURITY E-01)."""

import re
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.passwords import throttle
from accounts.users.models import User
from tests.support.app import App
from tests.support.ways import CODE, OPTIONS, REGISTER, RESET, TOKEN, VERIFY_CODE, passkey_of

ALICE, NOBODY = "alice@example.com", "cecil@example.com"
PHRASE = "correct horse battery staple 2"
DOORS: dict[str, dict[str, Any]] = {
    REGISTER: {"password": PHRASE},
    "/auth/email/resend/": {},
    CODE: {},
    RESET: {},
    OPTIONS: {},
    "/auth/passkeys/register/options/": {},
    TOKEN: {"password": "wrong password"},
    "/auth/email/verify/": {"code": "000000"},
    "/auth/password/reset/confirm/": {"code": "000000", "new_password": PHRASE},
    "/auth/email/change/confirm/": {"code": "000000"},
}
STATES: dict[str, dict[str, Any]] = {
    "active": {},
    "inactive": {"is_active": False},
    "unverified": {"email_verified_at": None},
    "leaving": {"deletion_due_at": "2026-12-01T00:00:00Z"},
    "staff": {"is_staff": True},
    "without a password": {"password": "!"},
}
_VALUES = re.compile(r"[\w-]{16,}\.[\w-]+\.[\w-]+|[0-9a-f]{8}-[0-9a-f-]{27}|[A-Za-z0-9_-]{20,}")


def knock(path: str, email: str) -> HttpResponse:
    return App().post(path, {"email": email, **DOORS[path]})


def whole(answer: HttpResponse) -> tuple[int, int, str, dict[str, str], set[str]]:
    """Everything but random values, which keep their length; and of passkey options but the ids of keys."""
    text = answer.content.decode()
    size = len(text)
    if "allowCredentials" in text or "pubKeyCredParams" in text:
        size = 0
        text = re.sub(r'"allowCredentials":\s*\[.*?\}\]', '"allowCredentials": […]', text)
    text = text.replace(ALICE, "…").replace(NOBODY, "…")
    headers = {name: value for name, value in answer.items() if name not in {"X-Request-Id", "Content-Length"}}
    return answer.status_code, size, _VALUES.sub("…", text), headers, set(answer.cookies)


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("path", DOORS)
def test_E01_answer_is_that_of_an_unknown_address(alice: User, settings: Any, path: str, state: str) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    User.objects.filter(id=alice.id).update(**STATES[state])
    assert whole(knock(path, ALICE)) == whole(knock(path, NOBODY))


@pytest.mark.parametrize("path", DOORS)
def test_E01_locked_account_is_answered_alike(alice: User, path: str) -> None:
    for email in (ALICE, NOBODY):
        for _ in range(throttle.PAIR.free):
            knock(TOKEN, email)
    known, unknown = whole(knock(path, ALICE)), whole(knock(path, NOBODY))
    for answer in (known, unknown):
        answer[3].pop("Retry-After", None)
    assert known == unknown


@pytest.mark.parametrize("path", DOORS)
def test_E01_fifth_time_is_answered_alike(alice: User, path: str) -> None:
    """Where the limit on mail has been met."""
    for _ in range(4):
        answers = knock(path, ALICE), knock(path, NOBODY)
    assert whole(answers[0]) == whole(answers[1])


def test_E01_a_stranger_is_shown_nobodys_passkeys(alice: User) -> None:
    passkey_of(alice)
    for email in (ALICE, NOBODY):
        assert knock(OPTIONS, email).json()["publicKey"]["allowCredentials"] == []


def test_E01_wrong_code_of_nobody_is_answered_alike(alice: User) -> None:
    answers = []
    for email in (ALICE, NOBODY):
        challenge = knock(CODE, email).json()["challenge"]
        answers.append(whole(App().post(VERIFY_CODE, {"challenge": challenge, "code": "0000000"})))
    assert answers[0] == answers[1]
