"""One answer for unknown, wrong, locked and disabled (SECURITY E-01, E-10, E-15, P-20)."""

from typing import Any
from urllib.parse import quote

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.http import HttpResponse
from django.test import Client

from accounts.passwords import throttle
from accounts.users.models import User
from tests.support.app import PASSWORD

from .conftest import Guess

pytestmark = pytest.mark.django_db
STATES: dict[str, dict[str, Any]] = {
    "active": {},
    "disabled": {"is_active": False},
    "unverified": {"email_verified_at": None},
    "staff": {"is_staff": True, "is_superuser": True},
    "without a password": {"password": "!"},
    "broken hash": {"password": "argon2$broken"},
    "hash of another algorithm": {"password": "pbkdf2_sha256$1000000$salt$aGFzaA=="},
    "empty hash": {"password": ""},
}


def whole(answer: HttpResponse) -> tuple[int, bytes, dict[str, str]]:
    headers = {name: value for name, value in answer.items() if name != "X-Request-Id"}
    return answer.status_code, answer.content, headers


@pytest.mark.parametrize("state", STATES)
def test_E01_wrong_password_is_answered_as_an_unknown_name(guess: Guess, alice: User, state: str) -> None:
    unknown = guess("nobody@example.com")
    assert (unknown.status_code, unknown.json()["code"]) == (401, "invalid_credentials")
    User.objects.filter(id=alice.id).update(**STATES[state])
    assert whole(guess(alice.email)) == whole(unknown)


@pytest.mark.parametrize("state", ["disabled", "without a password", "broken hash", "hash of another algorithm", "empty hash"])
def test_E01_right_password_of_a_closed_account_is_answered_alike(guess: Guess, alice: User, state: str) -> None:
    assert guess(alice.email, right=True).status_code == 200
    User.objects.filter(id=alice.id).update(**STATES[state])
    assert whole(guess(alice.email, right=True)) == whole(guess("nobody@example.com", right=True))


def test_E01_page_answers_alike(alice: User, bob: User) -> None:
    User.objects.filter(id=bob.id).update(is_active=False)
    pages = set()
    for email, password in ((alice.email, "wrong"), ("x" * len(alice.email), "wrong"), (bob.email, PASSWORD)):
        browser = Client()
        answer = browser.post("/account/sign-in/", {"email": email, "password": password})
        token = str(answer.context["csrf_token"])
        page = answer.content.decode()
        for typed in (email, quote(email, safe=""), token):
            page = page.replace(typed, "…")
        pages.add((answer.status_code, page))
    assert len(pages) == 1
    assert "…" in pages.pop()[1]


@pytest.mark.parametrize("state", STATES)
def test_E15_every_name_is_throttled_alike(guess: Guess, alice: User, state: str) -> None:
    User.objects.filter(id=alice.id).update(**STATES[state])
    for _ in range(throttle.PAIR.free):
        assert guess(alice.email).status_code == guess("nobody@example.com").status_code == 401
    known, unknown = guess(alice.email), guess("nobody@example.com")
    assert (known.status_code, known.json()["code"]) == (429, "too_many_attempts")
    assert known.content == unknown.content
    assert 28 <= int(known["Retry-After"]) <= int(unknown["Retry-After"]) + 2 <= 32


@pytest.mark.parametrize("state", STATES)
def test_E16_throttled_try_is_the_same_early_answer_for_every_name(
    guess: Guess, alice: User, monkeypatch: pytest.MonkeyPatch, state: str
) -> None:
    User.objects.filter(id=alice.id).update(**STATES[state])
    made: list[str] = []
    for work in ("encode", "verify"):
        original = getattr(Argon2PasswordHasher, work)
        monkeypatch.setattr(Argon2PasswordHasher, work, lambda *given, run=original: made.append("hash") or run(*given))
    names = (alice.email, "nobody@example.com")
    for name in names:
        for _ in range(throttle.PAIR.free):
            assert guess(name).status_code == 401
    assert len(made) == 2 * throttle.PAIR.free
    made.clear()
    known, unknown = (whole(guess(name, right=True)) for name in names)
    assert known[0] == 429
    assert known[2].pop("Retry-After") in {"28", "29", "30"}
    assert unknown[2].pop("Retry-After") in {"28", "29", "30"}
    assert known == unknown
    assert made == []


def test_E10_right_password_is_throttled_like_a_wrong_one(guess: Guess, alice: User) -> None:
    for _ in range(throttle.PAIR.free):
        guess(alice.email)
    right, wrong = guess(alice.email, right=True), guess(alice.email)
    assert right.status_code == wrong.status_code == 429
    assert right.content == wrong.content


@pytest.mark.parametrize("password", ["", None, 0, False, [], {}])
def test_P20_account_without_a_password_opens_with_nothing(alice: User, password: Any) -> None:
    for stored in ("!", "", "!unusable"):
        User.objects.filter(id=alice.id).update(password=stored)
        body = {"email": alice.email, "password": password}
        answer = Client().post("/auth/token/", body, content_type="application/json")
        assert answer.status_code == 400
    body = {"email": alice.email}
    assert Client().post("/auth/token/", body, content_type="application/json").status_code == 400


@pytest.mark.parametrize("password", [" ", "!", "-", "None", "null"])
def test_P20_account_without_a_password_opens_with_no_word_either(alice: User, password: str) -> None:
    for stored in ("!", "", "!unusable"):
        User.objects.filter(id=alice.id).update(password=stored)
        body = {"email": alice.email, "password": password}
        assert Client().post("/auth/token/", body, content_type="application/json").status_code in {401, 429}
