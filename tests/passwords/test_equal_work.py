"""What a refused sign-in costs, counted in the libraries that hash: the same whoever is asked about (SECURITY P-05)."""

from collections import Counter
from typing import Any

import argon2
import bcrypt
import pytest
from argon2 import _password_hasher
from pytest_django import Settings

from accounts.passwords.hashing import Argon2idHasher
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.ways import REGISTER, RESET_CONFIRM

pytestmark = pytest.mark.django_db

IMPORTED = "bcrypt$$2b$04$" + bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()[7:]
DECOY = "bcrypt$$2b$04$" + bcrypt.hashpw(b"nobody's", bcrypt.gensalt(4)).decode()[7:]
TODAY = {"argon2": 1 * 64}


class Work:
    """Argon2 in KiB × passes, bcrypt in runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done: Counter[str] = Counter()
        make, verify, check = argon2.low_level.hash_secret, _password_hasher.verify_secret, bcrypt.checkpw

        def making(*arguments: Any, **named: Any) -> Any:
            self.done["argon2"] += named["memory_cost"] * named["time_cost"]
            return make(*arguments, **named)

        def verifying(encoded: bytes, *arguments: Any, **named: Any) -> Any:
            parameters = argon2.extract_parameters(encoded.decode())
            self.done["argon2"] += parameters.memory_cost * parameters.time_cost
            return verify(encoded, *arguments, **named)

        def checking(*arguments: Any) -> bool:
            self.done["bcrypt"] += 1
            return check(*arguments)

        monkeypatch.setattr(argon2.low_level, "hash_secret", making)
        monkeypatch.setattr(_password_hasher, "verify_secret", verifying)
        monkeypatch.setattr(bcrypt, "checkpw", checking)

    def of(self, email: str, password: str, *, status: int = 401) -> dict[str, int]:
        self.done.clear()
        assert App().sign_in(email, password).status_code == status
        return dict(self.done)

    def of_posting(self, path: str, **body: str) -> dict[str, int]:
        self.done.clear()
        assert App().post(path, body).status_code in {202, 401}
        return dict(self.done)


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    return Work(monkeypatch)


def older(memory: int) -> str:
    class Old(Argon2idHasher):
        time_cost, memory_cost = 1, memory

    return str(Old().encode(PASSWORD, "saltsaltsalt"))


def store(user: User, encoded: str) -> None:
    User.objects.filter(id=user.id).update(password=encoded)


@pytest.mark.parametrize("memory", [8, 16, 32, 56])
def test_P05_older_parameters_cost_what_an_unknown_name_costs(alice: User, work: Work, memory: int) -> None:
    assert work.of("nobody@example.com", "wrong password") == TODAY
    assert work.of("alice@example.com", "wrong password") == TODAY
    store(alice, older(memory))
    assert work.of("alice@example.com", "wrong password") == TODAY


def test_P05_imported_hash_costs_no_less_than_an_unknown_name(alice: User, work: Work) -> None:
    store(alice, IMPORTED)
    assert work.of("alice@example.com", "wrong password") == {**TODAY, "bcrypt": 1}


def test_P05_with_a_decoy_everybody_costs_the_same(alice: User, bob: User, work: Work, settings: Settings) -> None:
    settings.PASSWORD_DECOY = DECOY
    store(alice, IMPORTED)
    everybody = {**TODAY, "bcrypt": 1}
    assert work.of("alice@example.com", "wrong password") == everybody
    assert work.of("bob@example.com", "wrong password") == everybody
    assert work.of("nobody@example.com", "wrong password") == everybody
    store(bob, "!")
    assert work.of("bob@example.com", "wrong password") == everybody


@pytest.mark.parametrize(
    ("path", "more"),
    [
        (REGISTER, {"password": PASSWORD}),
        (RESET_CONFIRM, {"code": "000000", "new_password": PASSWORD}),
    ],
)
def test_E02_choosing_a_password_costs_one_hash_for_every_address(
    alice: User, work: Work, path: str, more: dict[str, str]
) -> None:
    for email in ("alice@example.com", "nobody@example.com"):
        assert work.of_posting(path, email=email, **more) == TODAY


@pytest.mark.parametrize("stored", [IMPORTED, None], ids=["imported", "ours"])
def test_P05_disabled_account_and_right_password_cost_the_same_too(
    alice: User, work: Work, settings: Settings, stored: str | None
) -> None:
    settings.PASSWORD_DECOY = DECOY
    User.objects.filter(id=alice.id).update(is_active=False, password=stored or alice.password)
    assert work.of("alice@example.com", PASSWORD) == {**TODAY, "bcrypt": 1}


def test_P05_right_password_replaces_the_imported_hash_once(alice: User, work: Work) -> None:
    store(alice, IMPORTED)
    assert work.of("alice@example.com", PASSWORD, status=200) == {**TODAY, "bcrypt": 1}
    assert User.objects.get(id=alice.id).password.startswith("argon2$argon2id$")
    assert work.of("alice@example.com", PASSWORD, status=200) == TODAY


DEAR = {
    "pbkdf2": "pbkdf2_sha256$1000000000$salt$CWWFdHOWwPnki7HvkcqN9iA2T3KLW1cf2uZ5kvArtVY=",
    "argon2": "argon2$argon2id$v=19$m=4194304,t=9,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
    "bcrypt": "bcrypt$$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
}


@pytest.mark.parametrize("name", DEAR)
def test_P05_row_that_would_cost_too_much_opens_nothing_at_the_usual_cost(alice: User, work: Work, name: str) -> None:
    store(alice, DEAR[name])
    assert work.of("alice@example.com", "wrong password") == TODAY
