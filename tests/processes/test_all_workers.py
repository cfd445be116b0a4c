"""Four workers: once a device is signed out or a key pulled, none of them accepts the token for longer than a second."""

import base64
import json
import threading
import time
from collections.abc import Callable, Iterator
from itertools import islice

import pytest

from tests.support.server import Server, running_server

from . import workers
from .conftest import Measured, Phones, fresh_database
from .people import make_people
from .phone import Phone
from .tables import rows

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
    for phone in opened:
        phone.ask("none")
    return workers.by_worker(server, opened)


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
        accepted = _hammer(crowd, owner.access, lambda: _signed_out(owner))
        assert set(accepted) == set(by_worker)
        latest.append(max(accepted.values()))
    measured(f"accepted until {max(latest) * 1000:.0f} ms after the sign-out had returned, {ROUNDS} rounds, {WORKERS} workers")
    assert max(latest) <= 1.0


@pytest.mark.deadline
def test_K07_no_worker_accepts_a_token_later_than_a_second_after_its_key_was_pulled(
    server: Server, by_worker: dict[int, list[Phone]], phones: Phones, measured: Measured
) -> None:
    [owner] = phones(server.url)
    owner.sign_in(EMAIL)
    pulled = owner.access
    crowd = [(pid, phone) for pid, mine in by_worker.items() for phone in islice(mine, EACH)]
    assert {phone.ask(pulled).status for _, phone in crowd} == {200}
    accepted = _hammer(crowd, pulled, lambda: _pulled(server, pulled))
    assert len(accepted) == WORKERS
    measured(f"accepted until {max(accepted.values()) * 1000:.0f} ms after the pull had committed, {WORKERS} workers")
    assert max(accepted.values()) <= 1.0
    assert {phone.ask(pulled).body["code"] for _, phone in crowd} == {"token_invalid"}
    assert owner.rotate().status == 200
    assert {phone.ask(owner.access).status for _, phone in crowd} == {200}


def _signed_out(owner: Phone) -> float:
    assert owner.sign_out().status == 204
    return time.monotonic()


def _pulled(server: Server, token: str) -> float:
    """The moment at which another process could see it, a hundredth of a second later at most."""
    header = token.partition(".")[0]
    kid = json.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["kid"]
    command = server.spawn("rotate_keys", "--emergency", kid)
    while not rows(server.env["DATABASE_URL"], f"SELECT 1 FROM accounts_revocation WHERE kind = 'kid' AND value = '{kid}'"):
        assert command.poll() in {None, 0}, server.log()
        time.sleep(0.005)
    moment = time.monotonic()
    assert command.wait(30) == 0
    return moment


def _hammer(crowd: list[tuple[int, Phone]], token: str, end: Callable[[], float]) -> dict[int, float]:
    """By worker: when it last accepted the token, in seconds after its end. Each ends by refusing it."""
    accepted: dict[int, list[float]] = {pid: [] for pid, _ in crowd}
    done = threading.Event()

    def ask(pid: int, phone: Phone) -> None:
        while (answer := phone.ask(token)).status == 200 and not done.is_set():
            accepted[pid].append(answer.sent)

    threads = [threading.Thread(target=ask, args=pair) for pair in crowd]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    ended = end()
    for thread in threads:
        thread.join(3)
    done.set()
    return {pid: max(times) - ended for pid, times in accepted.items()}
