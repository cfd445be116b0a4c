"""kill -9 in the middle of sign-ins and refreshes: what was acknowledged is there, what was ended stays so, and copies that
were taken meanwhile are whole (SECURITY R-25, RL-02, RL-03, RL-25)."""

import random
import shutil
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.support.postgres import NoPostgres, Postgres, create_database, running_postgres
from tests.support.server import Server, running_server

from . import workers
from .conftest import Measured
from .history import Entry, History, device_of, lost, violations
from .honest_client import HonestClient
from .people import make_people
from .phone import Answer, Phone
from .tables import rows

pytestmark = [pytest.mark.processes, pytest.mark.slow]
CLIENTS, ROUNDS = 6, 20
EMAIL, OWNER = "alice@example.com", "owner@example.com"


@dataclass(frozen=True)
class Copy:
    """A backup that was begun in mid-work, and ended before the next kill."""

    begun: float
    database_url: str


@dataclass(frozen=True)
class First:
    """What a worker said to the very first request that it got, and to a device that is signed in right after."""

    shown: str
    status: int
    code: str
    control: int


@dataclass(frozen=True)
class Killed:
    """What the clients were told over all rounds, and the database that is left."""

    rounds: int
    history: list[Entry]
    database_url: str
    first: list[First]
    revived: list[Answer]
    copies: list[Copy]


@dataclass
class Victim:
    """A server, and the database under it. `kill` both as a power cut would, and `revive` them."""

    server: Server
    cluster: Postgres | None = None

    def kill(self) -> None:
        """The database a moment before its clients."""
        if self.cluster is not None:
            self.cluster.kill()
            time.sleep(0.05)
        self.server.kill()

    def revive(self) -> None:
        """Whoever asks next asks first: nothing has looked whether the server answers."""
        if self.cluster is not None:
            self.cluster.start()
        self.server.launch()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def killed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Killed]:
    folder = tmp_path_factory.mktemp("killed")
    with ExitStack() as opened:
        on_sqlite = request.param == "sqlite"
        victim = Victim(opened.enter_context(running_server(folder, workers=2))) if on_sqlite else _on_postgresql(folder, opened)
        yield _under_fire(victim, rounds=ROUNDS)


def _on_postgresql(folder: Path, opened: ExitStack) -> Victim:
    try:
        cluster = opened.enter_context(running_postgres(durable=True))
    except NoPostgres as reason:
        pytest.skip(str(reason))
    url = create_database(cluster.url(), "killed")
    return Victim(opened.enter_context(running_server(folder, workers=2, env={"DATABASE_URL": url})), cluster)


def _under_fire(victim: Victim, *, rounds: int) -> Killed:
    server = victim.server
    make_people(server, EMAIL, OWNER)
    history, stop, free = History(server.folder / "history.jsonl"), threading.Event(), threading.Event()
    clients = [HonestClient(number, server.url, EMAIL, history, stop, free) for number in range(CLIENTS)]
    free.set()
    for client in clients:
        client.start()
    first: list[First] = []
    copies: list[Copy] = []
    try:
        for number in range(rounds):
            time.sleep(random.uniform(0.1, 0.5))
            ended, owner = _sign_out_and_stay(server)
            if victim.cluster is None:
                copies.append(_copy(server, number))
            free.clear()
            victim.kill()
            if victim.cluster is None:
                assert integrity(server.folder / "signet.sqlite3") == "ok"
            victim.revive()
            first += _ask_first(server, ended, owner, number)
            free.set()
    except BaseException:
        for client in clients:
            client.abandoned.set()
        raise
    finally:
        stop.set()
        free.set()
        for client in clients:
            client.join(30)
    return Killed(rounds, history.read(), server.env["DATABASE_URL"], first, _show_again(server, clients), copies)


def _sign_out_and_stay(server: Server) -> tuple[Phone, Phone]:
    """Two devices: one that heard a moment ago that it is signed out, one that is signed in. Both keep their tokens."""
    ended, owner = Phone(server.url), Phone(server.url)
    with closing(ended), closing(owner):
        assert ended.sign_in(OWNER).status == owner.sign_in(OWNER).status == 200
        assert ended.sign_out().status == 204
    return ended, owner


def _ask_first(server: Server, ended: Phone, owner: Phone, number: int) -> list[First]:
    """The first request of each worker shows what was signed out: to one the access token, to the other the refresh token."""
    found = []
    for at, phone in enumerate(workers.first_at_each(server)):
        with closing(phone):
            shown = ("access", "refresh")[(at + number) % 2]
            answer = phone.ask(ended.access) if shown == "access" else phone.rotate(ended.refresh)
            found.append(First(shown, answer.status, answer.body.get("code", ""), phone.ask(owner.access).status))
    return found


def _show_again(server: Server, clients: list[HonestClient]) -> list[Answer]:
    """What the clients held when they were signed out, in any round; of the last ones every worker knows within a second."""
    time.sleep(1.1)
    with closing(Phone(server.url)) as thief:
        ended = [pair for client in clients for pair in client.ended]
        return [answer for access, refresh in ended for answer in (thief.ask(access), thief.rotate(refresh))]


def _copy(server: Server, number: int) -> Copy:
    """As docs/operating.md says: SQLite's own backup of the live file and its log."""
    begun, copy = time.time(), server.folder / f"copy-{number}.sqlite3"
    with closing(sqlite3.connect(server.folder / "signet.sqlite3")) as live, closing(sqlite3.connect(copy)) as kept:
        live.backup(kept)
    return Copy(begun, f"sqlite:///{copy}")


def integrity(database: Path) -> str:
    """Of a copy of what the kill left, so that the recovery of the files themselves is left to the server."""
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


def test_R25_RL25_first_request_after_a_kill_is_refused_what_was_signed_out_before(killed: Killed, measured: Measured) -> None:
    measured(f"{len(killed.first)} first requests after {killed.rounds} kills; {len(killed.revived)} of older tokens")
    assert len(killed.first) == 2 * killed.rounds
    assert Counter(one.shown for one in killed.first) == {"access": killed.rounds, "refresh": killed.rounds}
    assert {(one.status, one.code) for one in killed.first} == {(401, "device_revoked")}
    assert {one.control for one in killed.first} == {200}


def test_R25_RL25_what_was_signed_out_in_any_round_stays_signed_out(killed: Killed) -> None:
    assert killed.revived
    assert {(answer.status, answer.body.get("code")) for answer in killed.revived} == {(401, "device_revoked")}


def test_RL03_copy_taken_in_mid_work_holds_what_was_acknowledged_before(killed: Killed, measured: Measured) -> None:
    if not killed.copies:
        pytest.skip("PostgreSQL has tools of its own for copies; it is killed in mid-work instead")
    held = []
    for copy in killed.copies:
        before = [entry for entry in killed.history if entry.answered < copy.begun]
        assert lost(before, copy.database_url) == []
        assert rows(copy.database_url, "PRAGMA integrity_check") == [("ok",)]
        held.append(sum(entry.status in {200, 204} for entry in before))
    measured(f"{len(killed.copies)} copies, of {held[0]} to {held[-1]} acknowledged answers")
    assert held[-1] > held[0]
    # Control: the first one lacks what came after it.
    assert lost(killed.history, killed.copies[0].database_url)


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
