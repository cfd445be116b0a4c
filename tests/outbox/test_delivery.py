"""The outbox: written with the change, delivered once, retried, given up, unreadable at rest (SECURITY K-02, G-01)."""

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from accounts.management.commands.worker import HANDLERS, tidy, work
from accounts.outbox import delivery, enqueue
from accounts.outbox.delivery import CLAIM_LIFETIME, MAX_ATTEMPTS, deliver_due
from accounts.outbox.errands import Errand, Errands
from accounts.outbox.models import OutboxMessage

pytestmark = pytest.mark.django_db
Payload = dict[str, Any]
LINK = "http://testserver/account/reset/?token=secret-link"


def write_a_mail(to: str = "alice@example.com") -> None:
    enqueue.mail("set_password", to=to, user_id=None, name="Alice", url=LINK, expires_hours=24)


def test_message_is_delivered_once(db: None) -> None:
    write_a_mail()
    assert (work(), work()) == (1, 0)
    assert [message.to for message in mail.outbox] == [["alice@example.com"]]
    assert not OutboxMessage.objects.exists()


def test_change_that_is_rolled_back_sends_nothing(db: None) -> None:
    with transaction.atomic():
        write_a_mail()
        transaction.set_rollback(True)
    assert work() == 0


def test_row_shows_neither_address_nor_link(db: None) -> None:
    write_a_mail()
    row = json.dumps(OutboxMessage.objects.values().get(), default=str)
    for secret in ("alice", "example.com", "secret-link", "set_password", "Alice"):
        assert secret not in row


def test_payload_of_another_row_does_not_open(db: None) -> None:
    write_a_mail("alice@example.com")
    write_a_mail("mallory@example.com")
    moved, kept = OutboxMessage.objects.all()
    OutboxMessage.objects.filter(id=moved.id).update(payload_encrypted=kept.payload_encrypted)
    assert work() == 1
    assert len(mail.outbox) == 1
    left = OutboxMessage.objects.get()
    assert (left.id, left.last_error) == (moved.id, "CannotDecrypt")


def failing(error: Exception) -> dict[str, Callable[[Payload], None]]:
    def fail(payload: Payload) -> None:
        raise error

    return {"mail": fail}


def test_waits_double_up_to_an_hour_then_it_is_given_up(db: None) -> None:
    waits = []
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        write_a_mail()
        for _ in range(MAX_ATTEMPTS):
            assert deliver_due(failing(OSError("alice@example.com refused"))) == 0
            row = OutboxMessage.objects.get()
            waits.append(round(row.due_at.timestamp() - timezone.now().timestamp()))
            assert deliver_due(HANDLERS) == 0
            clock.shift(waits[-1])
    assert waits[:-1] == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert row.failed_at is not None


def test_given_up_message_is_kept_and_left_alone(db: None) -> None:
    write_a_mail()
    OutboxMessage.objects.update(attempts=MAX_ATTEMPTS - 1)
    deliver_due(failing(OSError("x")))
    assert OutboxMessage.objects.get().failed_at is not None
    OutboxMessage.objects.update(due_at="2020-01-01T00:00:00Z")
    assert work() == 0
    assert OutboxMessage.objects.exists()


@pytest.mark.parametrize(("days", "left"), [(6, 2), (8, 1)])
def test_L12_given_up_message_is_kept_for_a_week(db: None, days: int, left: int) -> None:
    write_a_mail()
    OutboxMessage.objects.update(failed_at=timezone.now())
    write_a_mail()
    with time_machine.travel(timezone.now() + timedelta(days=days), tick=False):
        tidy()
    assert OutboxMessage.objects.count() == left
    assert OutboxMessage.objects.filter(failed_at=None).count() == 1


def test_error_is_kept_by_its_type_alone(db: None, caplog: pytest.LogCaptureFixture) -> None:
    write_a_mail()
    deliver_due(failing(OSError(f"550 alice@example.com: {LINK}")))
    assert OutboxMessage.objects.get().last_error == "OSError"
    assert "alice" not in caplog.text
    assert "secret-link" not in caplog.text


def test_message_of_an_unknown_kind_waits(db: None) -> None:
    enqueue.enqueue("pigeon", {"to": "x"})
    assert work() == 0
    assert OutboxMessage.objects.get().last_error == "KeyError"


def test_one_failure_does_not_hold_up_the_others(db: None) -> None:
    enqueue.enqueue("pigeon", {})
    write_a_mail()
    assert work() == 1
    assert len(mail.outbox) == 1


class Killed(BaseException):
    """kill -9, as far as a test can: nothing after it runs."""


def test_worker_killed_between_hand_over_and_delete_is_followed_by_another(db: None) -> None:
    handed: list[Payload] = []

    def die(payload: Payload) -> None:
        handed.append(payload)
        raise Killed

    with time_machine.travel(1_800_000_000, tick=False) as clock:
        write_a_mail()
        with pytest.raises(Killed):
            deliver_due({"mail": die})
        assert len(handed) == 1
        clock.shift(CLAIM_LIFETIME.total_seconds() - 1)
        assert work() == 0
        clock.shift(1)
        assert work() == 1
    assert len(mail.outbox) == 1


def test_worker_whose_claim_ran_out_writes_nothing(db: None) -> None:
    """It hangs, another delivers and deletes, and then it fails: no error, no row brought back."""

    def hang_then_fail(payload: Payload) -> None:
        OutboxMessage.objects.update(due_at="2020-01-01T00:00:00Z")
        assert deliver_due({"mail": lambda _: None}) == 1
        raise OSError("too late")

    write_a_mail()
    assert deliver_due({"mail": hang_then_fail}) == 0
    assert not OutboxMessage.objects.exists()


def test_claim_taken_by_another_is_not_postponed(db: None) -> None:
    def hang_then_fail(payload: Payload) -> None:
        OutboxMessage.objects.update(attempts=2, due_at="2030-01-01T00:00:00Z")
        raise OSError("too late")

    write_a_mail()
    deliver_due({"mail": hang_then_fail})
    row = OutboxMessage.objects.get()
    assert (row.attempts, row.due_at.year, row.last_error) == (2, 2030, "")


def test_claim_is_a_compare_and_swap(db: None) -> None:
    write_a_mail()
    first, second = OutboxMessage.objects.get(), OutboxMessage.objects.get()
    assert delivery._claim(first) is True
    assert delivery._claim(second) is False


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_many_workers_deliver_each_message_once(transactional_db: None) -> None:
    for number in range(12):
        write_a_mail(f"person{number}@example.com")
    handed: list[str] = []
    here = threading.Barrier(6)

    def deliver() -> None:
        here.wait()
        deliver_due({"mail": lambda payload: handed.append(payload["to"])})
        connection.close()

    workers = [threading.Thread(target=deliver) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(handed) == sorted({f"person{number}@example.com" for number in range(12)})


def test_O19_backlog_of_one_server_keeps_neither_mail_nor_another_server(db: None) -> None:
    for _ in range(200):
        enqueue.enqueue("call", {"whom": "silent"}, recipient="silent")
    enqueue.enqueue("call", {"whom": "quick"}, recipient="quick")
    enqueue.enqueue("mail", {"whom": ""})
    answer, reached, mailed = threading.Event(), [], []

    def run(whom: str) -> None:
        if whom == "silent":
            answer.wait(30)
        reached.append(whom)

    def call(payload: dict[str, str]) -> Errand:
        return Errand(payload["whom"], partial(run, payload["whom"]))

    errands = Errands(8)
    try:
        for _ in range(3):
            delivery.begin_due({"call": call, "mail": lambda _payload: mailed.append(1)}, errands)
        errands.wait(5)
        assert (mailed, reached) == ([1], ["quick"])
    finally:
        answer.set()


def test_backlog_of_mails_keeps_no_call_waiting(db: None) -> None:
    """It goes before mails that were due first, and after the time for mails calls are looked for again. One mail always goes."""
    for _ in range(3):
        enqueue.enqueue("mail", {})
    enqueue.enqueue("call", {}, recipient="shop")
    happened: list[str] = []
    handlers = {"call": lambda _payload: happened.append("call"), "mail": lambda _payload: happened.append("mail")}
    assert delivery.begin_due(handlers, Errands(8), seconds=0) == 2
    assert happened == ["call", "mail"]
    assert delivery.begin_due(handlers, Errands(8)) == 2
