"""A database that takes connections and never answers: whoever asks for readiness holds one thread, not all of them (S-06)."""

import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from accounts.management.commands.serve import THREADS, server_command
from tests.support.server import Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture
def black_hole() -> Iterator[str]:
    """Its URL; a connection attempt ends after `connect_timeout`."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        yield f"postgres://signet:nothing@127.0.0.1:{listener.getsockname()[1]}/signet"


@pytest.fixture
def server(black_hole: str, tmp_path: Path) -> Iterator[Server]:
    """One process, alive and never ready."""
    with running_server(tmp_path, env={"DATABASE_URL": black_hole}, start=False, prepare=False) as alive:
        alive.process = alive._popen(server_command("127.0.0.1", alive.port, 1))
        while not alive.answers("/healthz"):
            assert alive.process.poll() is None, alive.log()
            time.sleep(0.05)
        yield alive


def status(server: Server, path: str) -> int:
    try:
        with urllib.request.urlopen(server.url + path, timeout=60) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.deadline
def test_S06_probes_of_a_lost_database_leave_threads_for_everybody_else(server: Server) -> None:
    probes = 3 * THREADS
    with ThreadPoolExecutor(probes) as pool:
        ready = [pool.submit(status, server, "/readyz") for _ in range(probes)]
        began = time.monotonic()
        assert status(server, "/healthz") == 200
        waited = time.monotonic() - began
        assert {probe.result() for probe in ready} == {503}
    assert waited < 1.5
