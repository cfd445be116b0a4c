"""kill -9 in the middle of sign-ins and refreshes: what was acknowledged is there (SECURITY RL-02, RL-03, RL-25)."""

import random
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.postgres import NoPostgres, create_database, running_postgres
from tests.support.server import Server, running_server

from .conftest import Measured
from .history import Entry, History, device_of, violations
from .honest_client import HonestClient
from .people import make_people

pytestmark = pytest.mark.processes
CLIENTS = 6
EMAIL = "alice@example.com"


@dataclass(frozen=True)
class Killed:
    """What the clients were told over all rounds, and the database that is left."""

    rounds: int
    history: list[Entry]
    database_url: str


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def killed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    folder = tmp_path_factory.mktemp("killed")
    with ExitStack() as opened:
        yield (_with_sqlite if request.param == "sqlite" else _with_postgresql)(folder, opened)


def _with_sqlite(folder: Path, opened: ExitStack) -> Killed:
    server = opened.enter_context(running_server(folder, workers=2))

    def kill() -> None:
        server.kill()
        assert integrity(folder / "signet.sqlite3") == "ok"
        server.start()

    return Killed(20, _under_fire(server, kill, rounds=20), server.env["DATABASE_URL"])


def _with_postgresql(folder: Path, opened: ExitStack) -> Killed:
    """The database dies too, a moment before its clients."""
    try:
        cluster = opened.enter_context(running_postgres(durable=True))
    except NoPostgres as reason:
        pytest.skip(str(reason))
    url = create_database(cluster.url(), "killed")
    server = opened.enter_context(running_server(folder, workers=2, env={"DATABASE_URL": url}))

    def kill() -> None:
        cluster.kill()
        time.sleep(0.05)
        server.kill()
        cluster.start()
        server.start()

    return Killed(6, _under_fire(server, kill, rounds=6), url)


def _under_fire(server: Server, kill_and_restart: Callable[[], None], *, rounds: int) -> list[Entry]:
    make_people(server, EMAIL)
    history, stop = History(server.folder / "history.jsonl"), threading.Event()
    clients = [HonestClient(number, server.url, EMAIL, history, stop) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    try:
        for _ in range(rounds):
            time.sleep(random.uniform(0.1, 0.5))
            kill_and_restart()
    except BaseException:
        for client in clients:
            client.abandoned.set()
        raise
    finally:
        stop.set()
        for client in clients:
            client.join(30)
    return history.read()


def integrity(database: Path) -> str:
    """Of a copy, so that the recovery of the files themselves is left to the server."""
    copy = database.with_name("copy.sqlite3")
    for ending in ("", "-wal"):
        if (source := database.with_name(database.name + ending)).exists():
            shutil.copy(source, f"{copy}{ending}")
    with closing(sqlite3.connect(copy)) as connection:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    for leftover in database.parent.glob("copy.sqlite3*"):
        leftover.unlink()
    return str(answer)


def test_RL02_nothing_acknowledged_is_lost_to_kill_9(killed: Killed, measured: Measured) -> None:
    done = Counter(entry.action for entry in killed.history if entry.status in {200, 204})
    cut = Counter(entry.action for entry in killed.history if entry.note == "cut off")
    saved = sum(entry.note in {"raced", "rescued"} for entry in killed.history)
    measured(
        f"{killed.rounds} kills; acknowledged {dict(done)}; cut off {dict(cut)}; {saved} committed unheard and answered again"
    )
    assert violations(killed.history, killed.database_url) == []


def test_RL02_the_kills_hit_work_in_flight(killed: Killed) -> None:
    assert sum(entry.note == "cut off" for entry in killed.history) >= killed.rounds


def test_RL02_control_the_checker_sees_what_is_missing(killed: Killed) -> None:
    rotated = next(entry for entry in reversed(killed.history) if entry.action == "refresh" and entry.given)
    ended = next(entry for entry in killed.history if entry.action == "sign_out" and entry.status == 204)
    planted = {
        "fork": replace(rotated, given=rotated.presented),
        "lost: refresh": replace(rotated, device="0" * 32),
        "lost: sign-out": replace(ended, presented=rotated.given),
        "odd answer": replace(rotated, status=500, given=""),
        "revived": replace(rotated, device=device_of(ended.presented), sent=time.time()),
        "not recovered": replace(rotated, client=99, status=None, given=""),
    }
    for name, entry in planted.items():
        found = violations([*killed.history, entry], killed.database_url)
        assert [one for one in found if one.startswith(name)], name
