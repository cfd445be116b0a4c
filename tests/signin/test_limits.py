"""Guessing: from one place, from many, at many names, in many spellings (SECURITY E-03, E-05 to E-09, E-12 to E-14)."""

import threading
from collections.abc import Callable, Iterator

import pytest
import time_machine
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.core.models import Counter
from accounts.passwords import hashing, throttle
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser

from .conftest import Guess

pytestmark = pytest.mark.django_db
ALICE = "alice@example.com"


def exhaust(guess: Guess, email: str = ALICE, **where: str) -> None:
    for _ in range(throttle.PAIR.free):
        assert guess(email, **where).status_code == 401
    assert guess(email, **where).status_code == 429


SPELLINGS = [
    "ALICE@example.com",
    "alice@EXAMPLE.COM",
    " alice@example.com",
    "alice@example.com ",
    "alice@example.com.",
    "\uff41lice@example.com",
    "alice@example\uff0ecom",
    "\u0041LICE@EXAMPLE.com",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_E06_another_spelling_is_the_same_account(guess: Guess, alice: User, spelling: str) -> None:
    assert guess(spelling, right=True).status_code == 200
    exhaust(guess)
    assert guess(spelling, right=True).status_code == 429


def test_E06_spellings_share_one_count(guess: Guess, alice: User) -> None:
    for spelling in SPELLINGS[: throttle.PAIR.free]:
        assert guess(spelling).status_code == 401
    assert guess(ALICE).status_code == 429


def test_E06_a_plus_tag_is_somebody_else(guess: Guess, alice: User) -> None:
    exhaust(guess, "alice+x@example.com")
    assert guess(ALICE, right=True).status_code == 200


FORGED = ["X-Forwarded-For", "X_Forwarded_For", "X-Real-Ip", "Client-Ip", "True-Client-Ip", "Forwarded", "Cf-Connecting-Ip"]


@pytest.mark.parametrize("name", FORGED)
def test_E07_forged_address_headers_do_not_help(guess: Guess, alice: User, name: str) -> None:
    prefix = "for=" if name == "Forwarded" else ""
    for number in range(throttle.PAIR.free):
        assert guess(ALICE, **{name: f"{prefix}192.0.2.{number}"}).status_code == 401
    assert guess(ALICE, **{name: f"{prefix}203.0.113.1"}).status_code == 429
    assert guess(ALICE, address="203.0.113.1").status_code == 401


def test_E05_one_network_cannot_spray_many_names(guess: Guess, alice: User) -> None:
    for number in range(throttle.NETWORK.free):
        assert guess(f"person{number}@example.com", address=f"198.51.100.{number}").status_code == 401
    assert guess("somebody-new@example.com", address="198.51.100.250").status_code == 429
    assert guess(ALICE, address="203.0.113.1", right=True).status_code == 200


def test_E05_an_ipv6_network_is_one_place(guess: Guess, alice: User) -> None:
    for number in range(throttle.PAIR.free):
        assert guess(ALICE, address=f"2001:db8:1:2{number:02x}::1").status_code == 401
    assert guess(ALICE, address="2001:db8:1:2ff::1").status_code == 429
    assert guess(ALICE, address="2001:db8:1:300::1").status_code == 401


def test_E13_own_success_clears_nobody_elses_count(guess: Guess, alice: User, bob: User) -> None:
    for _ in range(throttle.PAIR.free - 1):
        assert guess(ALICE).status_code == 401
    assert guess(bob.email, right=True).status_code == 200
    assert guess(ALICE).status_code == 401
    assert guess(bob.email, right=True).status_code == 200
    assert guess(ALICE).status_code == 429


def test_E13_own_success_does_not_lift_the_network_limit(guess: Guess, alice: User, bob: User) -> None:
    for number in range(throttle.NETWORK.free):
        guess(f"person{number}@example.com")
        if number < throttle.NETWORK.free - 1:
            assert guess(bob.email, right=True).status_code == 200
    assert guess("somebody-new@example.com").status_code == 429


def test_E14_a_hundred_and_one_networks_share_the_accounts_limit(guess: Guess, alice: User) -> None:
    answers = [guess(ALICE, address=f"203.0.{number}.1").status_code for number in range(101)]
    assert answers.count(401) == throttle.ACCOUNT.free
    assert answers[throttle.ACCOUNT.free :] == [429] * (101 - throttle.ACCOUNT.free)


def test_E14_waits_grow_to_an_hour(guess: Guess, alice: User) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for number in range(throttle.ACCOUNT.free):
            guess(ALICE, address=f"203.0.{number}.1")
        waits = []
        for number in range(9):
            refused = guess(ALICE, address=f"203.1.{number}.1")
            waits.append(int(refused["Retry-After"]))
            clock.shift(waits[-1])
            assert guess(ALICE, address=f"203.2.{number}.1").status_code == 401
    assert waits == [30, 60, 120, 240, 480, 960, 3600, 3600, 3600]


def test_E03_owner_on_a_known_device_is_not_locked_out(guess: Guess, app: App) -> None:
    for number in range(throttle.ACCOUNT.free):
        guess(ALICE, address=f"203.0.{number}.1")
    assert guess(ALICE, address="192.0.2.1", right=True).status_code == 429
    assert guess(ALICE, address="192.0.2.1", right=True, device=app.refresh).status_code == 200
    assert app.rotate().status_code == 200


def test_E03_known_browser_is_not_locked_out(guess: Guess, alice: User) -> None:
    browser = Client()
    form = {"email": ALICE, "password": PASSWORD}
    assert browser.post("/account/sign-in/", form).status_code == 303
    browser.post("/account/sign-out/")
    for number in range(throttle.ACCOUNT.free):
        guess(ALICE, address=f"203.0.{number}.1")
    assert Client().post("/account/sign-in/", form).status_code == 429
    assert browser.post("/account/sign-in/", form).status_code == 303


def test_E03_known_device_of_another_person_opens_no_door(guess: Guess, alice: User, bob: User) -> None:
    exhaust(guess)
    assert guess(ALICE, right=True, device=signed_in(bob).refresh).status_code == 429


def test_E03_known_device_has_a_limit_too(guess: Guess, app: App) -> None:
    answers = [guess(ALICE, device=app.refresh).status_code for _ in range(throttle.KNOWN_DEVICE.free + 1)]
    assert answers == [401] * throttle.KNOWN_DEVICE.free + [429]


def test_E03_forged_device_is_a_stranger(guess: Guess, app: App) -> None:
    exhaust(guess)
    forged = app.refresh[:-8] + "AAAAAAAA"
    assert guess(ALICE, right=True, device=forged).status_code == 429
    assert guess(ALICE, right=True, device=app.refresh).status_code == 200


def test_counts_are_rows_without_the_typed_address(guess: Guess, alice: User) -> None:
    exhaust(guess)
    keys = sorted(key.split(":")[0] for key in Counter.objects.values_list("key", flat=True))
    assert keys == ["password/account", "password/account-network", "password/network"]
    assert not Counter.objects.filter(key__contains="alice").exists()


Door = Callable[[str], int]
NEW = "another good passphrase"


@pytest.fixture
def doors_of_a_stranger(alice: User) -> list[Door]:
    """Each takes a password, and answers with a status."""
    app, browser = App(), Browser()
    page = "/account/sign-in/"
    return [
        lambda password: app.post("/auth/token/", {"email": ALICE, "password": password}).status_code,
        lambda password: browser.post(page, {"email": ALICE, "password": password}).status_code if browser.get(page) else 0,
    ]


@pytest.fixture
def doors_of_an_app(app: App) -> list[Door]:
    known = {"email": ALICE, "device": {"refresh": app.refresh}}
    return [
        lambda password: App().post("/auth/token/", {**known, "password": password}).status_code,
        lambda password: app.post("/auth/step-up/", {"password": password}).status_code,
        lambda password: app.post("/api/v1/me/password/", {"current_password": password, "new_password": NEW}).status_code,
    ]


@pytest.fixture
def doors_of_a_browser(alice: User) -> list[Door]:
    browser = Browser()
    browser.sign_in(ALICE)
    forms = {
        "/account/sign-in/": lambda password: {"email": ALICE, "password": password},
        "/account/confirm/": lambda password: {"method": "password", "code": password},
        "/account/security/password/": lambda password: {"current_password": password, "new_password": NEW},
    }
    return [lambda password, path=path: browser.post(path, forms[path](password)).status_code for path in forms]


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize("whose", ["a_stranger", "an_app", "a_browser"])
def test_E12_lockout_at_one_door_is_a_lockout_at_every_door(
    request: pytest.FixtureRequest, alice: User, whose: str, first: int
) -> None:
    doors: list[Door] = request.getfixturevalue(f"doors_of_{whose}")
    limit = throttle.PAIR if whose == "a_stranger" else throttle.KNOWN_DEVICE
    guess_at = doors[first % len(doors)]
    assert {guess_at("wrong password") for _ in range(limit.free)} <= {400, 401}
    assert [door(PASSWORD) for door in doors] == [429] * len(doors)


def test_throttled_try_counts_nowhere(guess: Guess, alice: User) -> None:
    exhaust(guess)
    before = list(Counter.objects.values().order_by("key"))
    for _ in range(10):
        assert guess(ALICE).status_code == 429
    assert list(Counter.objects.values().order_by("key")) == before


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_E09_of_forty_parallel_guesses_five_are_judged(alice: User) -> None:
    here, answers = threading.Barrier(10), []

    def attack() -> None:
        client = Client(REMOTE_ADDR="198.51.100.1")
        here.wait()
        for _ in range(4):
            body = {"email": ALICE, "password": "wrong password"}
            answers.append(client.post("/auth/token/", body, content_type="application/json").status_code)
        connection.close()

    threads = [threading.Thread(target=attack) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers.count(401), answers.count(429)) == (throttle.PAIR.free, 40 - throttle.PAIR.free)


def test_success_gives_its_attempts_back(guess: Guess, alice: User) -> None:
    for _ in range(throttle.NETWORK.free + 5):
        assert guess(ALICE, right=True).status_code == 200


@pytest.fixture
def busy_hashing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Others hash and do not end; the wait for them is cut short."""
    monkeypatch.setattr(hashing, "_LONGEST_WAIT", 0.01)
    for _ in range(settings.PASSWORD_HASH_CONCURRENCY):
        hashing._hashing.acquire()
    yield
    for _ in range(settings.PASSWORD_HASH_CONCURRENCY):
        hashing._hashing.release()


def test_P04_a_hash_that_gets_no_turn_is_a_503_and_counts_nothing(guess: Guess, alice: User, busy_hashing: None) -> None:
    for _ in range(throttle.PAIR.free + 2):
        answer = guess(ALICE)
        assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "5")
    assert set(Counter.objects.values_list("attempts", flat=True)) == {0}
