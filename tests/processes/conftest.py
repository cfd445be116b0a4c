"""Servers on a fresh database of the kind that this run is for: SQLite, or PostgreSQL under `TEST_DATABASE_URL`."""

import os
import statistics
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.support.postgres import NoPostgres, Postgres, create_database, running_postgres
from tests.support.server import Server, running_server

from .people import make_people
from .phone import Phone

Measured = Callable[[str], None]
Phones = Callable[..., list[Phone]]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A cluster that no test stops."""
    try:
        with running_postgres() as cluster:
            yield cluster
    except NoPostgres as reason:
        pytest.skip(str(reason))


def fresh_database(folder: Path) -> str:
    """The URL of an empty database that lives as long as the run."""
    cluster = os.environ.get("TEST_DATABASE_URL", "")
    if not cluster.startswith("postgres"):
        return f"sqlite:///{folder / 'signet.sqlite3'}"
    return create_database(cluster, f"signet_{uuid.uuid4().hex[:8]}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two workers; shared by tests that leave it running. Each test brings its own people."""
    folder = tmp_path_factory.mktemp("server")
    with running_server(folder, workers=2, env={"DATABASE_URL": fresh_database(folder)}) as running:
        yield running


@pytest.fixture(scope="session")
def strangers(server: Server) -> Iterator[str]:
    emails = [f"person{number}@example.com" for number in range(20)]
    make_people(server, *emails)
    return iter(emails)


@pytest.fixture
def person(strangers: Iterator[str]) -> str:
    """The address of somebody with whom no other test has to do."""
    return next(strangers)


@pytest.fixture
def phones() -> Iterator[Phones]:
    """Makes so many phones for a server's URL; all are closed at the end."""
    with ExitStack() as opened:

        def make(url: str, count: int = 1) -> list[Phone]:
            return [opened.enter_context(closing(Phone(url))) for _ in range(count)]

        yield make


@pytest.fixture
def measured(request: pytest.FixtureRequest) -> Measured:
    """Note a figure; all are printed at the end of the run."""
    return lambda text: request.node.user_properties.append(("measured", f"{request.node.name}: {text}"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for name in ("passed", "failed") for report in terminalreporter.getreports(name)]
    figures = [value for report in reports for name, value in report.user_properties if name == "measured"]
    if figures:
        terminalreporter.section("measured")
        for figure in dict.fromkeys(figures):
            terminalreporter.line(str(figure))


def percentiles(seconds: Sequence[float]) -> str:
    cuts = statistics.quantiles(seconds, n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms, max {max(seconds) * 1000:.0f} ms"
