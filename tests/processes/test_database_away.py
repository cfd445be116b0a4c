"""PostgreSQL stops and comes back: token checks go on within the stale budget, the rest says 503 and heals (RL-07)."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.postgres import NoPostgres, Postgres, create_database, running_postgres
from tests.support.server import Server, running_server

from .bound_phone import BoundPhone
from .conftest import Measured
from .people import make_people
from .phone import Answer, Phone

pytestmark = [pytest.mark.processes, pytest.mark.slow]
EMAIL = "alice@example.com"
BUDGET = 10.0
"""FEED_STALE_BUDGET, in seconds."""
AWAY = BUDGET + 3
HEARD_WITHIN = 1.0
JWKS = "/.well-known/jwks.json"


@dataclass
class Outage:
    """Answers by what was asked; `began` and `ended` on the clock of `Answer.sent`."""

    began: float = 0.0
    ended: float = 0.0
    pulled: str = ""
    asked: list[Answer] = field(default_factory=list)
    asked_with_a_new_token: list[Answer] = field(default_factory=list)
    keys: list[Answer] = field(default_factory=list)
    away: dict[str, list[Answer]] = field(default_factory=lambda: {"sign in": [], "refresh": [], "sign out": [], "bound": []})
    healed: dict[str, float] = field(default_factory=dict)
    alive: set[int] = field(default_factory=set)
    ready: set[int] = field(default_factory=set)
    worker_lives: bool = False

    @property
    def writes(self) -> list[Answer]:
        return [answer for answers in self.away.values() for answer in answers]


@pytest.fixture(scope="module")
def outage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outage]:
    with ExitStack() as opened:
        try:
            cluster = opened.enter_context(running_postgres())
        except NoPostgres as reason:
            pytest.skip(str(reason))
        yield _endure(cluster, tmp_path_factory.mktemp("away"), opened)


def _endure(cluster: Postgres, folder: Path, opened: ExitStack) -> Outage:
    url = create_database(cluster.url(), "away")
    server = opened.enter_context(running_server(folder, workers=2, env={"DATABASE_URL": url}))
    make_people(server, EMAIL)
    worker = server.spawn("worker")
    owner, other = (opened.enter_context(closing(Phone(server.url))) for _ in range(2))
    bound = opened.enter_context(closing(BoundPhone(server.url)))
    readers = [opened.enter_context(closing(Phone(server.url))) for _ in range(8)]
    assert owner.sign_in(EMAIL).status == other.sign_in(EMAIL).status == bound.sign_in(EMAIL).status == 200
    assert bound.ask().status == 200
    assert {reader.ask(owner.access).status for reader in readers} == {200}
    outage = Outage(pulled=_pull_a_key(server, owner, readers))
    cluster.stop()
    outage.began = time.monotonic()
    _ask_while_away(outage, owner, other, bound, readers)
    cluster.start()
    outage.ended = time.monotonic()
    for name, ask in {
        "readiness": lambda: other.send("GET", "/readyz", {}).status == 200,
        "ask": lambda: {reader.ask(owner.access).status for reader in readers} == {200},
        "bound": lambda: bound.ask().status == 200,
        "refresh": lambda: owner.rotate().status == 200,
        "sign out": lambda: other.sign_out().status == 204,
        "sign in": lambda: other.sign_in(EMAIL).status == 200,
    }.items():
        outage.healed[name] = _seconds_until(ask)
    outage.worker_lives = worker.poll() is None
    return outage


def _pull_a_key(server: Server, owner: Phone, readers: list[Phone]) -> str:
    """The one that waits. Every process hears of it, and none has a reason yet to read the others anew."""
    signing = json.loads(base64.urlsafe_b64decode(owner.access.partition(".")[0] + "=="))["kid"]
    kids = {key["kid"] for key in owner.send("GET", JWKS, {}).body["keys"]}
    (waiting,) = kids - {signing}
    server.manage("rotate_keys", "--emergency", waiting)
    heard_at = time.monotonic() + 2 * HEARD_WITHIN
    while time.monotonic() < heard_at:
        assert {reader.ask(owner.access).status for reader in readers} == {200}
    return waiting


def _ask_while_away(outage: Outage, owner: Phone, other: Phone, bound: BoundPhone, readers: list[Phone]) -> None:
    token, away = owner.access, outage.away
    while time.monotonic() < outage.began + AWAY:
        away["sign in"].append(other.sign_in(EMAIL))
        away["refresh"].append(owner.rotate())
        away["sign out"].append(other.sign_out())
        away["bound"].append(bound.ask())
        outage.alive.add(other.send("GET", "/healthz", {}).status)
        outage.ready.add(other.send("GET", "/readyz", {}).status)
        outage.keys.append(other.send("GET", JWKS, {}))
        outage.asked_with_a_new_token += [reader.ask(other.access) for reader in readers]
        for _ in range(5):
            outage.asked += [reader.ask(token) for reader in readers]
            time.sleep(0.05)


def _seconds_until(succeeds: Callable[[], bool]) -> float:
    began = time.monotonic()
    while not succeeds():
        assert time.monotonic() < began + 20, "it does not heal"
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.deadline
def test_RL07_token_checks_go_on_within_the_stale_budget_then_fail_closed(outage: Outage, measured: Measured) -> None:
    checks = outage.asked
    assert {answer.status for answer in checks} == {200, 503}
    first_refusal = min(answer.sent for answer in checks if answer.status == 503) - outage.began
    last_acceptance = max(answer.sent for answer in checks if answer.status == 200) - outage.began
    measured(f"checked for {first_refusal:.1f} s, the last one at {last_acceptance:.1f} s")
    assert first_refusal >= BUDGET - 1.5
    assert last_acceptance <= BUDGET
    assert all("Retry-After" in answer.headers for answer in checks if answer.status == 503)


@pytest.mark.deadline
def test_RL07_tokens_never_seen_before_are_checked_too_although_keys_were_changed_just_before(outage: Outage) -> None:
    within = [answer for answer in outage.asked_with_a_new_token if answer.sent + answer.took < outage.began + BUDGET - 1.5]
    assert within
    assert {answer.status for answer in within} == {200}


def test_K07_the_keys_are_published_all_the_time_without_the_one_that_was_pulled(outage: Outage) -> None:
    assert {answer.status for answer in outage.keys} == {200}
    assert not [answer for answer in outage.keys if outage.pulled in str(answer.body)]


@pytest.mark.deadline
def test_RL07_whatever_needs_the_database_says_503_at_once(outage: Outage, measured: Measured) -> None:
    assert {answer.status for answer in outage.writes} == {503}
    assert {answer.body["code"] for answer in outage.writes} == {"unavailable"}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in outage.writes)
    slowest = max(answer.took for answer in outage.writes)
    measured(f"{len(outage.writes)} refused, the slowest after {slowest * 1000:.0f} ms")
    assert slowest < 5


def test_RL07_the_server_is_alive_and_not_ready(outage: Outage) -> None:
    assert outage.alive == {200}
    assert outage.ready - {200} == {503}


@pytest.mark.deadline
def test_RL07_it_heals_without_a_restart(outage: Outage, measured: Measured) -> None:
    measured(", ".join(f"{name} after {seconds * 1000:.0f} ms" for name, seconds in outage.healed.items()))
    assert sum(outage.healed.values()) <= 5


def test_RL07_the_worker_outlives_it(outage: Outage) -> None:
    assert outage.worker_lives
