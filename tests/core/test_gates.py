"""Gates and ids: once means once, and ids sort by time (SECURITY R-28, B-06)."""

import threading
import time
import uuid

import pytest
import time_machine
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.core import gates, self_test, sweep
from accounts.core.ids import uuid7
from accounts.core.models import Gate

FAR = 2**40


@pytest.mark.both_databases
@pytest.mark.django_db
def test_R28_second_use_is_refused() -> None:
    assert [gates.consume("link", "value", expires_at=FAR) for _ in range(3)] == [True, False, False]


@pytest.mark.django_db
def test_R28_kinds_and_values_are_apart() -> None:
    pairs = [("link", "a"), ("link", "b"), ("code", "a"), ("link:a", ""), ("link", ""), ("link", "A"), ("link", "a ")]
    assert [gates.consume(kind, value, expires_at=FAR) for kind, value in pairs] == [True] * len(pairs)
    assert [gates.consume(kind, value, expires_at=FAR) for kind, value in pairs] == [False] * len(pairs)


@pytest.mark.django_db
def test_R28_value_is_not_stored_in_clear() -> None:
    gates.consume("link", "secret-value", expires_at=FAR)
    assert "secret-value" not in Gate.objects.get().key


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_R28_of_many_at_once_one_passes() -> None:
    here, passed = threading.Barrier(16), []

    def use() -> None:
        here.wait()
        passed.append(gates.consume("link", "value", expires_at=FAR))
        connection.close()

    threads = [threading.Thread(target=use) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(passed) == [False] * 15 + [True]


@pytest.mark.both_databases
@pytest.mark.django_db
def test_R28_act_that_is_rolled_back_leaves_the_gate_open() -> None:
    with transaction.atomic():
        assert gates.consume("link", "value", expires_at=FAR)
        transaction.set_rollback(True)
    assert gates.consume("link", "value", expires_at=FAR)


@pytest.mark.both_databases
@pytest.mark.django_db
def test_R28_start_proves_the_gates_and_leaves_nothing() -> None:
    self_test.prove_gates()
    assert not Gate.objects.exists()


@pytest.mark.django_db
def test_gate_is_swept_after_its_time_and_not_before() -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        gates.consume("link", "value", expires_at=1_800_000_060)
        clock.shift(60)
        assert sweep.sweep()["gates"] == 0
        assert not gates.consume("link", "value", expires_at=FAR)
        clock.shift(1)
        assert sweep.sweep()["gates"] == 1


def test_ids_sort_by_the_millisecond_they_were_made_in() -> None:
    made = []
    for _ in range(20):
        made.append(uuid7())
        time.sleep(0.0011)
    assert made == sorted(made)
    assert sorted(made, key=str) == made


@given(st.integers(0, 2**48 - 1).map(lambda milliseconds: milliseconds / 1000))
def test_ids_say_their_time_and_are_version_seven(seconds: float) -> None:
    with time_machine.travel(min(seconds, 2**33), tick=False):
        made, milliseconds = uuid7(), time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert made.int >> 80 == milliseconds


def test_B06_ids_cannot_be_guessed() -> None:
    with time_machine.travel(1_800_000_000, tick=False):
        made = {uuid7() for _ in range(10_000)}
    assert len(made) == 10_000
    assert len({identifier.int & ((1 << 62) - 1) for identifier in made}) == 10_000
