"""A storm of sign-ins, while another process holds SQLite's writer, does not keep token checks waiting (SECURITY S-06, P-04)."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.server import Server, running_server

from .conftest import Measured, Phones, percentiles
from .people import make_people
from .phone import Answer, Phone

pytestmark = [pytest.mark.processes, pytest.mark.deadline]
EMAIL = "alice@example.com"
CROWD = 64


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """On SQLite whatever the run is for."""
    with running_server(tmp_path, workers=2, env={"SIGN_IN_CONCURRENCY": "10"}) as running:
        make_people(running, EMAIL)
        yield running


def me(phone: Phone) -> Answer:
    return phone.send("GET", "/api/v1/me/", {"Authorization": f"Bearer {phone.access}"})


def test_S06_token_checks_do_not_wait_behind_a_storm_of_sign_ins(server: Server, phones: Phones, measured: Measured) -> None:
    [owner], crowd = phones(server.url), phones(server.url, CROWD)
    owner.sign_in(EMAIL)
    answers: list[Answer] = []
    knocking = [threading.Thread(target=lambda phone=phone: answers.append(phone.sign_in(EMAIL))) for phone in crowd]
    with closing(sqlite3.connect(server.folder / "signet.sqlite3", isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        for one in knocking:
            one.start()
        deadline, checks = time.monotonic() + 3, []
        while time.monotonic() < deadline:
            checks.append(me(owner))
        writer.execute("ROLLBACK")
    for one in knocking:
        one.join()
    seconds = [check.took for check in checks]
    measured(f"{len(checks)} checks of a token, {percentiles(seconds)}; sign-ins {Counter(one.status for one in answers)}")
    assert {check.status for check in checks} == {200}
    assert sorted(seconds)[int(len(seconds) * 0.99)] < 0.5
    refused = [one for one in answers if one.status == 503]
    assert refused
    assert {one.headers["Retry-After"] for one in refused} == {"5"}
