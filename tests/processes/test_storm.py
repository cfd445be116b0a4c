"""A storm of sign-ins takes neither the memory nor the threads that check tokens (SECURITY S-06, P-04)."""

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.support.server import Server, running_server

from .conftest import Measured, Phones, percentiles
from .people import make_people
from .phone import Answer, Phone

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.deadline]
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


STORM, PEOPLE, SLOTS = 500, 20, 2
KIB = 19_456
"""OWASP's floor, as the product has it: so much for each hash."""
MARGIN = 48 * 1024 * 1024
"""Of each worker, for connections, requests and what the allocator keeps. Ten hashes at once would take four times as much."""


@pytest.fixture
def thirsty(tmp_path: Path) -> Iterator[Server]:
    """With hashes that cost what they cost in earnest."""
    costs = {"ARGON2_MEMORY_COST": str(KIB), "ARGON2_TIME_COST": "2", "PASSWORD_HASH_CONCURRENCY": str(SLOTS)}
    with running_server(tmp_path, workers=2, env={"SIGN_IN_CONCURRENCY": "10", **costs}) as running:
        make_people(running, *(f"person{number}@example.com" for number in range(PEOPLE)))
        yield running


def memory(server: Server) -> int:
    """Resident bytes of all its workers together."""
    assert server.process is not None
    return sum(worker.memory_info().rss for worker in psutil.Process(server.process.pid).children(recursive=True))


def test_P04_storm_of_sign_ins_takes_the_memory_of_so_many_hashes(thirsty: Server, phones: Phones, measured: Measured) -> None:
    [owner], crowd = phones(thirsty.url), phones(thirsty.url, STORM)
    emails = [f"person{number % PEOPLE}@example.com" for number in range(STORM)]
    for email in emails[:PEOPLE]:
        assert owner.sign_in(email).status == 200
    base, answers = memory(thirsty), []

    def knock(phone: Phone, email: str) -> None:
        # A connection that stays open takes one of the few hundred that a worker accepts.
        with closing(phone):
            answers.append(phone.sign_in(email))

    knocking = [threading.Thread(target=knock, args=pair) for pair in zip(crowd, emails, strict=True)]
    for one in knocking:
        one.start()
    peak, checks = base, []
    while any(one.is_alive() for one in knocking):
        checks += [me(owner), owner.send("GET", "/.well-known/jwks.json", {})]
        peak = max(peak, memory(thirsty))
    statuses, mib = Counter(one.status for one in answers), 1024 * 1024
    measured(f"{base // mib} MiB, at most {peak // mib}; sign-ins {statuses}; {percentiles([one.took for one in checks])}")
    assert {one.status for one in checks} == {200}
    assert sorted(one.took for one in checks)[int(len(checks) * 0.99)] < 0.5
    assert set(statuses) == {200, 503}
    assert len(answers) == STORM
    assert peak <= base + 2 * (SLOTS * KIB * 1024 + MARGIN)
