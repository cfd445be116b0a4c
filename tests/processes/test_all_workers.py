"""Four workers: once a sign-out has returned, none of them accepts the access token for longer than a second."""

import threading
import time
from collections.abc import Iterator
from itertools import islice

import psutil
import pytest

from tests.support.server import Server, running_server

from .conftest import Measured, Phones, fresh_database
from .people import make_people
from .phone import Phone

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]
WORKERS, EACH, ROUNDS = 4, 2, 6
EMAIL = "alice@example.com"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("four")
    with running_server(folder, workers=WORKERS, env={"DATABASE_URL": fresh_database(folder)}) as running:
        make_people(running, EMAIL)
        yield running


@pytest.fixture
def by_worker(server: Server, phones: Phones) -> dict[int, list[Phone]]:
    """Phones by the process that holds the other end of their connection."""
    opened = phones(server.url, 64)
    by_port: dict[int, Phone] = {}
    for phone in opened:
        phone.ask("none")
        by_port[phone.connection.sock.getsockname()[1]] = phone
    assert server.process is not None
    found: dict[int, list[Phone]] = {}
    for worker in psutil.Process(server.process.pid).children(recursive=True):
        ports = (end.raddr.port for end in worker.net_connections("tcp4") if end.raddr and end.laddr.port == server.port)
        mine = [by_port[port] for port in ports if port in by_port]
        if mine:
            found[worker.pid] = mine
    return found


@pytest.mark.deadline
def test_R18_no_worker_accepts_the_token_later_than_a_second_after_sign_out(
    server: Server, by_worker: dict[int, list[Phone]], phones: Phones, measured: Measured
) -> None:
    assert len(by_worker) == WORKERS
    [owner] = phones(server.url)
    latest = []
    for _ in range(ROUNDS):
        owner.sign_in(EMAIL)
        crowd = [(pid, phone) for pid, mine in by_worker.items() for phone in islice(mine, EACH)]
        assert {phone.ask(owner.access).status for _, phone in crowd} == {200}
        accepted = _hammer(crowd, owner)
        assert set(accepted) == set(by_worker)
        latest.append(max(accepted.values()))
    measured(f"accepted until {max(latest) * 1000:.0f} ms after the sign-out had returned, {ROUNDS} rounds, {WORKERS} workers")
    assert max(latest) <= 1.0


def _hammer(crowd: list[tuple[int, Phone]], owner: Phone) -> dict[int, float]:
    """By worker: when it last accepted the token, in seconds after the sign-out's answer. Each ends by refusing it."""
    accepted: dict[int, list[float]] = {pid: [] for pid, _ in crowd}
    done = threading.Event()

    def ask(pid: int, phone: Phone) -> None:
        while (answer := phone.ask(owner.access)).status == 200 and not done.is_set():
            accepted[pid].append(answer.sent)

    threads = [threading.Thread(target=ask, args=pair) for pair in crowd]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    assert owner.sign_out().status == 204
    signed_out = time.monotonic()
    for thread in threads:
        thread.join(3)
    done.set()
    return {pid: max(times) - signed_out for pid, times in accepted.items()}
