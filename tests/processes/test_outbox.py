"""The worker killed with kill -9 between any two steps: no mail is lost; in normal running each goes out once (RL-19)."""

import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.outbox import enqueue
from accounts.outbox.models import OutboxMessage
from tests.support.server import Server, running_server

from .conftest import Measured
from .crowd import of_this_run
from .sink import Sink, smtp_sink

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]
MAILS = 40


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


@pytest.fixture
def post_office(transactional_db: None, sink: Sink, tmp_path: Path) -> Iterator[Server]:
    """Workers on the tests' own database; no server runs."""
    env = {
        "DATABASE_URL": of_this_run(),
        "ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
    }
    with running_server(tmp_path, env=env, start=False, prepare=False) as workers:
        yield workers


@pytest.fixture
def addresses() -> list[str]:
    """So many mails wait."""
    addresses = [f"person{number}@example.com" for number in range(MAILS)]
    for address in addresses:
        enqueue.mail(
            "password_changed",
            to=address,
            user_id=None,
            name="",
            occurred_at="now",
            address="",
            devices_url="https://id.example.com/",
        )
    return addresses


def deliver_all(post_office: Server, *, workers: int = 1) -> None:
    running = [post_office.spawn("worker") for _ in range(workers)]
    deadline = time.monotonic() + 60
    while OutboxMessage.objects.exists():
        assert all(worker.poll() is None for worker in running), post_office.log()
        assert time.monotonic() < deadline, post_office.log()
        time.sleep(0.05)
    post_office.stop()


def run_out_of_claims() -> None:
    """As time would: what a dead worker had claimed is due again."""
    OutboxMessage.objects.update(due_at=timezone.now())


def test_RL19_three_workers_deliver_each_mail_once(post_office: Server, sink: Sink, addresses: list[str]) -> None:
    deliver_all(post_office, workers=3)
    assert sorted(sink.accepted) == sorted(addresses)


@pytest.mark.parametrize("step", ["on_announced", "on_accepted"])
def test_RL19_no_mail_is_lost_to_kill_9(
    step: str, post_office: Server, sink: Sink, addresses: list[str], measured: Measured
) -> None:
    victims: list[subprocess.Popen[bytes]] = []
    setattr(sink, step, lambda number: victims[-1].kill() if number % 13 == 0 else None)
    for _ in range(3):
        victims.append(post_office.spawn("worker"))
        victims[-1].wait(30)
        run_out_of_claims()
    setattr(sink, step, lambda number: None)
    deliver_all(post_office)
    delivered = Counter(sink.accepted)
    twice = sum(count - 1 for count in delivered.values())
    measured(f"3 kills, {len(delivered)} of {MAILS} mails delivered, {twice} of them twice")
    assert set(delivered) == set(addresses)
    assert twice <= (3 if step == "on_accepted" else 0)
