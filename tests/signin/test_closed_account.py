"""After a hundred failures in a row the password alone opens nothing from unknown devices (SECURITY E-14)."""

from collections.abc import Iterator

import pytest
import time_machine

from accounts.core import sweep
from accounts.core.models import Counter
from accounts.core.requests import NOWHERE
from accounts.passwords import change, hashing, throttle
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import App

from .conftest import Guess

pytestmark = pytest.mark.django_db
BEGAN = 1_800_000_000


@pytest.fixture
def clock(alice: User) -> Iterator[time_machine.Traveller]:
    with time_machine.travel(BEGAN, tick=False) as traveller:
        yield traveller


def guessed_from(networks: int, guess: Guess, clock: time_machine.Traveller, email: str) -> int:
    """So many networks guess once each, as soon as they may; answers how many guesses were judged."""
    answers = []
    for number in range(networks):
        clock.shift(throttle.ACCOUNT.longest_wait)
        answers.append(guess(email, address=f"203.0.{number}.1").status_code)
    return answers.count(401)


@pytest.mark.both_databases
def test_E04_of_a_hundred_and_one_networks_with_patience_a_hundred_are_judged(
    guess: Guess, alice: User, clock: time_machine.Traveller
) -> None:
    assert guessed_from(101, guess, clock, alice.email) == throttle.ACCOUNT.ceiling == 100
    clock.shift(90 * 86_400)
    sweep.sweep()
    refused = guess(alice.email, address="192.0.2.1", right=True)
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused["Retry-After"] == str(throttle.ACCOUNT.longest_wait)


def test_E14_control_ninety_nine_close_nothing(guess: Guess, alice: User, clock: time_machine.Traveller) -> None:
    assert guessed_from(99, guess, clock, alice.email) == 99
    clock.shift(throttle.ACCOUNT.longest_wait)
    assert guess(alice.email, address="192.0.2.1", right=True).status_code == 200
    counter = Counter.objects.get(key__startswith=f"{throttle.ACCOUNT.name}:")
    assert (counter.attempts, counter.blocked_until) == (99, (BEGAN + 101 * 3600) * 1000)
    clock.shift(throttle.ACCOUNT.longest_wait)
    assert guess(alice.email, address="192.0.2.2", right=True).status_code == 200


def test_E14_unknown_names_close_alike(guess: Guess, clock: time_machine.Traveller) -> None:
    nobody = "nobody@example.com"
    assert guessed_from(101, guess, clock, nobody) == 100
    clock.shift(86_401)
    assert guess(nobody, address="192.0.2.1")["Retry-After"] == str(throttle.ACCOUNT.longest_wait)


def test_E14_known_device_still_opens_with_the_password(guess: Guess, alice: User, clock: time_machine.Traveller) -> None:
    phone = signed_in(alice)
    guessed_from(101, guess, clock, alice.email)
    assert guess(alice.email, address="192.0.2.1", right=True).status_code == 429
    assert guess(alice.email, address="192.0.2.1", right=True, device=phone.refresh).status_code == 200
    assert guess(alice.email, address="192.0.2.1", right=True).status_code == 429


def test_E14_password_chosen_by_mail_opens_it_again(guess: Guess, alice: User, clock: time_machine.Traveller) -> None:
    guessed_from(101, guess, clock, alice.email)
    encoded = hashing.hashed("another long password")
    change.store(alice, encoded, actor=alice.id, keep=None, source=NOWHERE)
    assert App().sign_in(alice.email, "another long password").status_code == 429
    change.store(alice, encoded, actor=alice.id, keep=None, source=NOWHERE, address_is_proven=True)
    assert App().sign_in(alice.email, "another long password").status_code == 200


def test_E14_forgiving_one_leaves_the_others(guess: Guess, alice: User, bob: User, clock: time_machine.Traveller) -> None:
    for person in (alice, bob):
        guessed_from(101, guess, clock, person.email)
    throttle.forgive(alice.email)
    assert guess(alice.email, address="192.0.2.1", right=True).status_code == 200
    assert guess(bob.email, address="192.0.2.1", right=True).status_code == 429
