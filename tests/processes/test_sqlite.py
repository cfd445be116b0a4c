"""SQLite as the product opens it: durable, and patient with its one writer."""

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.server import Server

from .conftest import Measured, Phones
from .tables import is_sqlite

pytestmark = pytest.mark.processes
_END = "INSERT INTO accounts_revocation (kind, value, not_before, expires_at, written_by) VALUES ('sid', ?, 0, 9999999999, 0)"
_PRAGMAS = """
import json
from django.db import connection
with connection.cursor() as cursor:
    names = ("synchronous", "journal_mode", "busy_timeout", "foreign_keys")
    print(json.dumps([cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]))
print(json.dumps(connection.settings_dict["OPTIONS"]["transaction_mode"]))
"""


@pytest.fixture
def database(server: Server) -> Path:
    """The file of the server."""
    url = server.env["DATABASE_URL"]
    if not is_sqlite(url):
        pytest.skip("the run is for PostgreSQL")
    return Path(url.removeprefix("sqlite:///"))


@pytest.mark.usefixtures("database")
def test_S09_sqlite_survives_a_power_cut_and_waits_five_seconds_for_its_writer(server: Server) -> None:
    pragmas, mode = [json.loads(line) for line in server.manage("shell", "--no-imports", "-c", _PRAGMAS).splitlines()]
    full = 2
    assert pragmas == [full, "wal", 5_000, 1]
    assert mode == "IMMEDIATE"


def test_S09_whoever_waits_too_long_for_the_writer_is_told_to_come_back(
    database: Path, server: Server, person: str, phones: Phones, measured: Measured
) -> None:
    reader, writer, leaver, newcomer = phones(server.url, 4)
    for phone in (reader, writer, leaver):
        phone.sign_in(person)
    acts = {"refresh": writer.rotate, "sign out": leaver.sign_out, "sign in": lambda: newcomer.sign_in(person)}
    with closing(sqlite3.connect(database, isolation_level=None)) as other, ThreadPoolExecutor(len(acts)) as pool:
        other.execute("BEGIN IMMEDIATE")
        waiting = {name: pool.submit(act) for name, act in acts.items()}
        while not all(one.done() for one in waiting.values()):
            assert reader.ask().status == 200
        other.execute("ROLLBACK")
    answers = {name: one.result() for name, one in waiting.items()}
    measured(", ".join(f"{name} after {answer.took:.1f} s" for name, answer in answers.items()))
    assert {name: (answer.status, answer.body.get("code")) for name, answer in answers.items()} == dict.fromkeys(
        acts, (503, "unavailable")
    )
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers.values())
    assert all(answer.took >= 4 for answer in answers.values())
    assert [writer.rotate().status, newcomer.sign_in(person).status, leaver.sign_out().status] == [200, 200, 204]


@pytest.mark.deadline
def test_R24_a_writer_that_holds_sqlite_delays_others_and_fails_nobody(
    server: Server, database: Path, person: str, phones: Phones, measured: Measured
) -> None:
    reader, writer = phones(server.url, 2)
    reader.sign_in(person)
    writer.sign_in(person)
    with closing(sqlite3.connect(database, isolation_level=None)) as late:
        late.execute("BEGIN IMMEDIATE")
        late.execute(_END, [reader.device])
        statuses: list[int] = []
        waiting = threading.Thread(target=lambda: statuses.append(writer.rotate().status))
        waiting.start()
        deadline = time.monotonic() + 2
        while time.monotonic() < deadline:
            assert reader.ask().status == 200
        assert statuses == []
        late.execute("COMMIT")
    committed = time.monotonic()
    waiting.join()
    assert statuses == [200]
    while (answer := reader.ask()).status == 200:
        assert answer.sent <= committed + 1
    measured(f"refused {(answer.sent - committed) * 1000:.0f} ms after the commit")
