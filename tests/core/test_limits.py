"""Limits: the schedule against an oracle, and one atomic statement (SECURITY E-08, E-09)."""

import threading
from dataclasses import dataclass, replace

import pytest
import time_machine
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.core import limits, sweep
from accounts.core.errors import TooManyAttempts
from accounts.core.limits import Limit
from accounts.core.models import Counter

LIMIT = Limit("test", free=5, first_wait=30, longest_wait=900, memory=3_600)
BEGAN = 1_800_000_000


def taken(limit: Limit = LIMIT, value: str = "x") -> int:
    """0 when the attempt may be made, otherwise the seconds to wait."""
    try:
        limits.take(limit, value)
    except TooManyAttempts as refused:
        return int(refused.headers["Retry-After"])
    return 0


@pytest.mark.both_databases
@pytest.mark.django_db
def test_so_many_are_free_then_the_waits_double() -> None:
    waits = []
    with time_machine.travel(BEGAN, tick=False) as clock:
        assert [taken() for _ in range(5)] == [0] * 5
        for _ in range(7):
            waits.append(taken())
            clock.shift(waits[-1] - 1)
            assert taken() == 1
            clock.shift(1)
            assert taken() == 0
    assert waits == [30, 60, 120, 240, 900, 900, 900]


@pytest.mark.django_db
def test_E09_blocked_attempt_changes_nothing() -> None:
    for _ in range(5):
        taken()
    before = Counter.objects.values().get()
    assert taken() > 0
    assert Counter.objects.values().get() == before


@pytest.mark.django_db
def test_memory_ends_an_old_story() -> None:
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(5):
            taken()
        clock.shift(3_600)
        assert [taken() for _ in range(5)] == [0] * 5
        assert taken() == 30


@pytest.mark.django_db
def test_success_forgets_its_own_key_alone() -> None:
    for value in ("x", "y"):
        for _ in range(5):
            taken(value=value)
    limits.forget(LIMIT, "x")
    assert (taken(value="x"), taken(value="y") > 0) == (0, True)


@pytest.mark.django_db
def test_attempt_given_back_was_never_made() -> None:
    for _ in range(50):
        assert taken() == 0
        limits.give_back([(LIMIT, "x")])
    assert Counter.objects.get().attempts == 0
    limits.give_back([(LIMIT, "x"), (LIMIT, "never seen")])
    assert Counter.objects.get().attempts == 0


@pytest.mark.django_db
def test_success_on_the_last_free_attempt_lifts_its_block() -> None:
    for _ in range(5):
        taken()
    limits.give_back([(LIMIT, "x")])
    assert taken() == 0


@pytest.mark.django_db
def test_success_after_the_free_attempts_lifts_no_block() -> None:
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(5):
            taken()
        clock.shift(30)
        assert taken() == 0
        limits.give_back([(LIMIT, "x")])
        assert taken() > 0


@pytest.mark.both_databases
@pytest.mark.django_db
def test_E14_at_its_ceiling_a_key_closes_until_it_is_forgotten() -> None:
    closing = replace(LIMIT, ceiling=7)
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(7):
            assert taken(closing) == 0
            clock.shift(closing.longest_wait)
        clock.shift(closing.memory * 100)
        assert sweep.sweep()["counters"] == 0
        assert taken(closing) == closing.longest_wait
        limits.forget(closing, "x")
        assert taken(closing) == 0


@pytest.mark.both_databases
@pytest.mark.django_db
def test_E14_success_with_the_last_attempt_closes_nothing() -> None:
    closing = replace(LIMIT, ceiling=7)
    with time_machine.travel(BEGAN, tick=False) as clock:
        for _ in range(7):
            assert taken(closing) == 0
            clock.shift(closing.longest_wait)
        limits.give_back([(closing, "x")])
        assert taken(closing) == closing.longest_wait
        clock.shift(closing.longest_wait)
        assert taken(closing) == 0
        assert taken(closing) == closing.longest_wait


@dataclass
class Oracle:
    """The rule in plain words."""

    attempts: int = 0
    blocked_until: int = 0
    forgotten_at: int = 0

    def take(self, now: int) -> int:
        if now >= self.forgotten_at:
            self.attempts = self.blocked_until = 0
        if now < self.blocked_until:
            return self.blocked_until - now
        self.attempts += 1
        self.forgotten_at = now + LIMIT.memory
        if self.attempts >= LIMIT.free:
            beyond = self.attempts - LIMIT.free
            wait = LIMIT.longest_wait if beyond >= 4 else LIMIT.first_wait * 2**beyond
            self.blocked_until = now + wait
        return 0


@pytest.mark.both_databases
@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([0, 1, 29, 30, 31, 60, 240, 900, 3_599, 3_600]), max_size=14))
def test_schedule_is_the_oracles(gaps: list[int]) -> None:
    Counter.objects.all().delete()
    oracle, now = Oracle(), BEGAN
    for gap in gaps:
        now += gap
        with time_machine.travel(now, tick=False):
            assert taken() == oracle.take(now)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_E09_of_a_hundred_at_once_five_pass() -> None:
    here, answers = threading.Barrier(20), []

    def attack() -> None:
        here.wait()
        answers.extend(taken() for _ in range(5))
        connection.close()

    threads = [threading.Thread(target=attack) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 100
    assert answers.count(0) == 5


@pytest.mark.django_db
def test_counters_are_rows_that_every_process_sees() -> None:
    for _ in range(5):
        taken()
    with connection.cursor() as cursor:
        cursor.execute("SELECT attempts FROM accounts_counter WHERE key = %s", [LIMIT.key("x")])
        assert cursor.fetchall() == [(5,)]


@pytest.mark.django_db
def test_counters_are_swept_after_their_memory() -> None:
    with time_machine.travel(BEGAN, tick=False) as clock:
        taken()
        clock.shift(3_600)
        assert sweep.sweep()["counters"] == 0
        clock.shift(1)
        assert sweep.sweep()["counters"] == 1
