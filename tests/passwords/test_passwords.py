"""Passwords as typed, hashed at one cost, never twice what was asked (SECURITY P-02, P-03, P-05, P-20, E-02)."""

import time
import unicodedata
from typing import Any

import argon2
import pytest
from argon2 import _password_hasher
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.passwords import hashing, policy
from accounts.passwords.hashing import Argon2idHasher
from accounts.users.models import User
from tests.support.app import PASSWORD, App

pytestmark = pytest.mark.django_db


def with_password(user: User, password: str) -> User:
    User.objects.filter(id=user.id).update(password=make_password(password))
    return User.objects.get(id=user.id)


class Work:
    """Counts the runs of the Argon2 library."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.runs = 0
        monkeypatch.setattr(argon2.low_level, "hash_secret", self._counting(argon2.low_level.hash_secret))
        monkeypatch.setattr(_password_hasher, "verify_secret", self._counting(_password_hasher.verify_secret))

    def _counting(self, original: Any) -> Any:
        def counted(*arguments: Any, **named: Any) -> Any:
            self.runs += 1
            return original(*arguments, **named)

        return counted


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def sign_in(password: Any) -> HttpResponse:
    return App().sign_in("alice@example.com", password)


AS_TYPED = {
    "leading space": " correct horse battery",
    "trailing space": "correct horse battery ",
    "only spaces": " " * 64,
    "64 characters": "x" * 63 + "y",
    "256 characters": "x" * 255 + "y",
    "emoji": "🔑" * 20,
    "combining": "e\u0301" * 12,
    "tab and newline": "correct\thorse\nbattery",
    "quotes": "\"'\\%_;--{}<>&",
    "right to left": "\u202eabcdefghijkl",
    "256 emoji": "🔑" * 256,
}


@pytest.mark.parametrize("name", AS_TYPED)
def test_P02_password_is_taken_as_typed(alice: User, name: str) -> None:
    password = AS_TYPED[name]
    with_password(alice, password)
    assert sign_in(password).status_code == 200
    for other in {password.strip() + "x", password[:-1] or "x", password + " "} - {password}:
        assert sign_in(other).status_code in {400, 401}


def test_P02_no_truncation(alice: User) -> None:
    long = "a" * 199 + "b" + "c" * 56
    with_password(alice, long)
    assert sign_in(long).status_code == 200
    assert sign_in(long[:199] + "x" + long[200:]).status_code == 401
    assert sign_in(long[:72]).status_code == 401
    assert sign_in(long[:255]).status_code == 401


def test_P02_no_normalisation(alice: User) -> None:
    composed, decomposed = (unicodedata.normalize(form, "é" * 16) for form in ("NFC", "NFD"))
    assert composed != decomposed
    with_password(alice, composed)
    assert sign_in(composed).status_code == 200
    assert sign_in(decomposed).status_code == 401
    assert sign_in(composed.upper()).status_code == 401


@pytest.mark.parametrize("password", ["x" * 257, "x" * 10_000, "🔑" * 257])
def test_P02_too_long_is_refused_before_hashing(alice: User, work: Work, password: str) -> None:
    assert sign_in(password).status_code == 400
    assert work.runs == 0
    assert sign_in("x" * 256).status_code == 401
    assert work.runs == 1


def test_P02_nul_is_refused(alice: User) -> None:
    assert sign_in("correct\x00horse battery").status_code == 400
    with pytest.raises(ValidationError):
        policy.require_acceptable("correct\x00horse battery", alice)


def test_P03_a_megabyte_costs_nothing(alice: User) -> None:
    started = time.process_time()
    assert sign_in("x" * 1_000_000).status_code == 413
    answer = Client().post("/account/sign-in/", {"email": alice.email, "password": "x" * 1_000_000})
    assert answer.status_code in {400, 413}
    assert time.process_time() - started < 0.5


def weaker(password: str) -> str:
    """A hash from before the parameters were raised."""

    class Old(Argon2idHasher):
        time_cost, memory_cost = 1, 16

    return str(Old().encode(password, "saltsaltsalt"))


def test_P05_hash_of_older_parameters_is_renewed_at_sign_in(alice: User) -> None:
    User.objects.filter(id=alice.id).update(password=weaker(PASSWORD))
    assert sign_in("wrong password").status_code == 401
    assert User.objects.get(id=alice.id).password == weaker(PASSWORD)
    assert sign_in(PASSWORD).status_code == 200
    renewed = User.objects.get(id=alice.id).password
    assert "m=64,t=1" in renewed
    assert sign_in(PASSWORD).status_code == 200
    assert User.objects.get(id=alice.id).password == renewed


def test_P05_renewal_does_not_undo_a_change_made_meanwhile(alice: User) -> None:
    User.objects.filter(id=alice.id).update(password=weaker(PASSWORD))
    stale = User.objects.get(id=alice.id)
    changed = with_password(alice, "another good password").password
    assert hashing.verify(stale, PASSWORD)
    assert User.objects.get(id=alice.id).password == changed


STORED = {"right": None, "unusable": "!", "empty": "", "broken": "argon2$broken", "foreign": "pbkdf2_sha256$1$salt$aGFzaA=="}


@pytest.mark.parametrize("stored", STORED)
@pytest.mark.parametrize("password", [PASSWORD, "wrong password"])
def test_E02_one_hash_whoever_is_asked_about(alice: User, work: Work, stored: str, password: str) -> None:
    if STORED[stored] is not None:
        User.objects.filter(id=alice.id).update(password=STORED[stored])
    sign_in(password)
    assert work.runs == 1


def test_E02_one_hash_for_an_unknown_name(db: None, work: Work) -> None:
    App().sign_in("nobody@example.com", PASSWORD)
    assert work.runs == 1


def test_E02_disabled_account_costs_one_hash(alice: User, work: Work) -> None:
    User.objects.filter(id=alice.id).update(is_active=False)
    sign_in(PASSWORD)
    assert work.runs == 1


@pytest.mark.parametrize("password", ["", None])
def test_P20_nothing_is_no_password(alice: User, password: Any) -> None:
    with_password(alice, "")
    assert not hashing.verify(User.objects.get(id=alice.id), password or "")
    assert sign_in(password).status_code == 400


def test_hashes_are_argon2id_with_the_parameters_of_the_settings(alice: User, settings: Settings) -> None:
    assert alice.password.startswith(f"argon2$argon2id$v=19$m={settings.ARGON2_MEMORY_COST},t={settings.ARGON2_TIME_COST},p=1$")


REFUSED = {
    "short": ("x" * 11, "password_too_short"),
    "long": ("x" * 257, "password_too_long"),
    "own address": ("alice@example.com", "password_is_own_word"),
    "own address in capitals": (" ALICE@example.com", "password_is_own_word"),
    "common": ("1234567890123", "password_too_common"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_P01_new_password_is_refused_with_a_code(alice: User, name: str) -> None:
    password, code = REFUSED[name]
    with pytest.raises(ValidationError) as refused:
        policy.require_acceptable(password, alice)
    assert code in {error.code for error in refused.value.error_list}


@pytest.mark.parametrize("password", [" " * 64, "lowercase phrase of words", "x" * 12 + "alice@example.com", "🔑" * 12])
def test_P01_new_password_has_no_other_rules(alice: User, password: str) -> None:
    policy.require_acceptable(password, alice)
