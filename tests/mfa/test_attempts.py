"""The limit on tries of a second factor (SECURITY P-07, P-23)."""

import uuid

import pytest
import time_machine
from django.db import transaction
from pytest_django import Settings

from accounts.core.errors import TooManyAttempts, Unavailable
from accounts.core.models import Counter
from accounts.core.requests import NOWHERE
from accounts.mfa import attempts, recovery_codes, totp
from accounts.passwords import throttle
from accounts.users.models import User
from tests.support.at_once import at_once
from tests.support.phone import Phone, enrolled

BEGAN = 1_800_000_000
pytestmark = pytest.mark.django_db


def tried(user_id: uuid.UUID, code: str) -> str:
    """What becomes of one try: `right`, `wrong`, or the seconds to wait."""
    try:
        with attempts.guarded(user_id) as attempt:
            judge = totp.accept(user_id, code) if len(code) == 6 else recovery_codes.accept(user_id, code, source=NOWHERE)
            if judge:
                attempt.succeeded()
            return "right" if judge else "wrong"
    except TooManyAttempts as refused:
        return refused.headers["Retry-After"]


def right_password(user: User) -> None:
    with throttle.guarded(user.email or "", NOWHERE, known_device=None) as attempt:
        attempt.succeeded()


@pytest.mark.both_databases
def test_P07_sixth_try_is_refused_even_if_right(alice: User, phone: Phone) -> None:
    with time_machine.travel(BEGAN, tick=False) as clock:
        assert [tried(alice.id, phone.wrong_code()) for _ in range(5)] == ["wrong"] * 5
        assert tried(alice.id, phone.code()) == "30"
        clock.shift(30)
        assert tried(alice.id, phone.code()) == "right"


def test_P07_waits_grow_to_an_hour(alice: User, phone: Phone) -> None:
    waits = []
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(5):
            tried(alice.id, phone.wrong_code())
        for _ in range(9):
            waits.append(int(tried(alice.id, phone.code())))
            clock.shift(waits[-1])
            assert tried(alice.id, phone.wrong_code()) == "wrong"
    assert waits == [30, 60, 120, 240, 480, 960, 3600, 3600, 3600]


def test_P07_both_kinds_of_code_share_one_count(alice: User, phone: Phone) -> None:
    unknown = "01-" + "-".join(["0000"] * 4)
    with time_machine.travel(BEGAN, tick=False):
        assert [tried(alice.id, code) for code in [phone.wrong_code(), unknown] * 2] == ["wrong"] * 4
        assert tried(alice.id, unknown) == "wrong"
        assert [tried(alice.id, code) for code in (phone.code(), phone.recovery_codes[0])] == ["30", "30"]
    assert recovery_codes.left(alice.id) == 10


def test_P07_success_clears_the_count(alice: User, phone: Phone) -> None:
    with time_machine.travel(BEGAN, tick=False):
        for code in (phone.code(), phone.recovery_codes[0]):
            assert [tried(alice.id, phone.wrong_code()) for _ in range(4)] == ["wrong"] * 4
            assert tried(alice.id, code) == "right"
        assert not Counter.objects.exists()


def test_P07_one_persons_tries_do_not_stop_another(alice: User, bob: User, phone: Phone) -> None:
    bobs = enrolled(bob)
    for _ in range(6):
        tried(alice.id, phone.wrong_code())
    assert (tried(bob.id, bobs.code()), tried(alice.id, phone.code()).isdigit()) == ("right", True)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P07_of_many_at_once_five_are_judged(alice: User, phone: Phone) -> None:
    wrong = phone.wrong_code()
    assert sorted(at_once(16, lambda: tried(alice.id, wrong))).count("wrong") == 5


@pytest.mark.both_databases
def test_P23_right_password_with_wrong_codes_ends_throttled(alice: User, phone: Phone) -> None:
    answers = []
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(100):
            right_password(alice)
            answers.append(tried(alice.id, phone.wrong_code()))
            clock.shift(1)
        assert answers.count("wrong") < 10
        assert tried(alice.id, phone.code()).isdigit()
        clock.shift(3600)
        assert tried(alice.id, phone.code()) == "right"


def test_P23_count_outlives_what_follows_it(alice: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic(), attempts.guarded(alice.id):
        pass
    with attempts.guarded(alice.id):
        pass
    assert Counter.objects.get().attempts == 1


def test_try_that_was_not_judged_is_given_back(alice: User, phone: Phone, settings: Settings) -> None:
    kept = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4="]
    for _ in range(10):
        with pytest.raises(Unavailable):
            tried(alice.id, phone.code())
    settings.ENCRYPTION_KEYS = kept
    assert tried(alice.id, phone.code()) == "right"
