"""A server that is told to stop answers what it has begun (SECURITY W-07)."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.wire import HOST, Address, ask, parsed
from tests.support.server import Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

HEAD = f"POST /auth/token/refresh/ HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: application/json\r\nConnection: close\r\n"
BODY = json.dumps({"refresh": "rt1.not-a-token"}).encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running_server(tmp_path, env={"ALLOWED_HOSTS": f"{HOST},127.0.0.1"}) as running:
        yield running


def test_W07_a_request_under_way_is_answered_after_the_signal(server: Server) -> None:
    assert server.process is not None
    with Address(server.port).connect() as wire:
        wire.sendall(f"{HEAD}Content-Length: {len(BODY)}\r\n\r\n".encode() + BODY[:5])
        time.sleep(0.3)
        server.process.terminate()
        time.sleep(1.0)
        wire.sendall(BODY[5:])
        received = b""
        while piece := wire.recv(65536):
            received += piece
    (answer,) = parsed(received)
    assert (answer.status, answer.json()["code"]) == (401, "token_invalid")
    assert server.process.wait(12) == 0


@pytest.mark.deadline
def test_W07_one_that_never_ends_holds_it_up_ten_seconds_at_most(server: Server) -> None:
    assert ask(Address(server.port), "GET", "/healthz").status == 200
    assert server.process is not None
    with Address(server.port).connect() as wire:
        wire.sendall(f"{HEAD}Content-Length: 5000\r\n\r\n".encode() + b"{")
        time.sleep(0.3)
        started = time.monotonic()
        server.process.terminate()
        server.process.wait(20)
    assert time.monotonic() - started < 15
