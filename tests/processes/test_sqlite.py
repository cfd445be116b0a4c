"""SQLite as the product opens it: durable, and patient with its one writer."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import islice
from pathlib import Path

import pytest

from tests.support.server import Server

from .conftest import Measured, Phones
from .phone import Answer, Phone
from .tables import is_sqlite
from .visitor import SECURITY, SIGN_OUT, Visitor

pytestmark = pytest.mark.processes
_HEARD_WITHIN = 1.0
_END = "INSERT INTO accounts_revocation (kind, value, not_before, expires_at, written_by) VALUES ('sid', ?, 0, 9999999999, 0)"
_PRAGMAS = """
import json
from django.db import connection
with connection.cursor() as cursor:
    names = ("synchronous", "journal_mode", "busy_timeout", "foreign_keys")
    print(json.dumps([cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]))
print(json.dumps(connection.settings_dict["OPTIONS"]["transaction_mode"]))
"""

# Somebody who may disable others, whom to disable, and a browser that was away for long enough to be looked up again.
_PREPARE = """
import json
from datetime import timedelta
from django.db import transaction
from django.utils import timezone
from accounts.devices.models import Device
from accounts.revocations import publish
from accounts.users.models import User
User.objects.filter(email={admin!r}).update(is_staff=True, is_superuser=True)
returning = User.objects.get(email={returning!r})
Device.objects.filter(user=returning).update(last_seen_at=timezone.now() - timedelta(hours=1))
with transaction.atomic():
    publish.users_stale([returning.id])
print(json.dumps(str(User.objects.create_user("disabled@example.com", None).id)))
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
    answers = _while_the_writer_is_held(database, reader, acts)
    measured(", ".join(f"{name} after {answer.took:.1f} s" for name, answer in answers.items()))
    assert {name: (answer.status, answer.body.get("code")) for name, answer in answers.items()} == dict.fromkeys(
        acts, (503, "unavailable")
    )
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers.values())
    assert all(answer.took >= 4 for answer in answers.values())
    assert [writer.rotate().status, newcomer.sign_in(person).status, leaver.sign_out().status] == [200, 200, 204]


@pytest.mark.slow
def test_S09_pages_and_resources_say_so_too_and_nobody_is_signed_out(
    database: Path, server: Server, strangers: Iterator[str], phones: Phones
) -> None:
    reader, owner = phones(server.url, 2)
    returning, leaver, chief, newcomer = (Visitor(server.url) for _ in range(4))
    emails = list(islice(strangers, 4))
    signed_in = zip((reader, owner, returning, leaver, chief), (emails[0], emails[0], *emails[1:]), strict=True)
    assert {one.sign_in(email).status for one, email in signed_in} == {200, 303}
    found = json.loads(server.manage("shell", "--no-imports", "-c", _PREPARE.format(admin=emails[3], returning=emails[1])))
    time.sleep(_HEARD_WITHIN)
    acts: dict[str, tuple[Callable[[], Answer], int]] = {
        "rename oneself": (lambda: _rename(owner), 200),
        "sign in on the page": (lambda: newcomer.sign_in(emails[0]), 303),
        "sign out on the page": (lambda: leaver.post(SIGN_OUT), 200),
        "disable somebody": (lambda: chief.post(f"/admin/accounts/user/{found}/act/disable/"), 302),
        "come back with an old cookie": (lambda: returning.get(SECURITY), 200),
    }
    refused = _while_the_writer_is_held(database, reader, {name: act for name, (act, _) in acts.items()})
    assert {name: answer.status for name, answer in refused.items()} == dict.fromkeys(acts, 503)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused.values())
    assert {name: act().status for name, (act, _) in acts.items()} == {name: status for name, (_, status) in acts.items()}


def _while_the_writer_is_held(database: Path, reader: Phone, acts: dict[str, Callable[[], Answer]]) -> dict[str, Answer]:
    """By another connection, until each act was answered. Whoever only shows a token notices nothing."""
    with closing(sqlite3.connect(database, isolation_level=None)) as other, ThreadPoolExecutor(len(acts)) as pool:
        other.execute("BEGIN IMMEDIATE")
        waiting = {name: pool.submit(act) for name, act in acts.items()}
        while not all(one.done() for one in waiting.values()):
            assert reader.ask().status == 200
        other.execute("ROLLBACK")
    return {name: one.result() for name, one in waiting.items()}


def _rename(owner: Phone) -> Answer:
    headers = {"Authorization": f"Bearer {owner.access}", "Content-Type": "application/json"}
    return owner.send("PATCH", "/api/v1/me/", headers, json.dumps({"name": "Another"}))


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
