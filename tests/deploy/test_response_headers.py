"""Bytes that do not belong in a response header neither split the answer nor end the worker."""

import pytest

from tests.deploy.edges import Edge
from tests.deploy.test_limits import worker_pids
from tests.deploy.wire import HOST, ask, exchange
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

BYTES = {
    "NUL": b"a\x00b",
    "DEL": b"a\x7fb",
    "CR LF": b"a\r\nX-Injected: 1",
    "LF": b"a\nX-Injected: 1",
    "CR": b"a\rX-Injected: 1",
    "latin-1": b"a\xe9b",
    "emoji": "a🔑b".encode(),
}


@pytest.mark.parametrize("place", ["header", "location"])
@pytest.mark.parametrize("name", BYTES)
def test_W05_hostile_bytes_in_a_response_header_leave_the_worker_alone(
    edge: Edge, application: Server, place: str, name: str
) -> None:
    before = worker_pids(application)
    answers = exchange(edge.at, reflecting(place, BYTES[name]))
    assert not any("x-injected" in answer.headers for answer in answers)
    assert ask(edge.at, "GET", "/healthz").status == 200
    assert worker_pids(application) == before


def reflecting(place: str, value: bytes) -> bytes:
    return f"GET /reflect?as={place}&hex={value.hex()} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize("name", BYTES)
def test_W05_a_request_id_is_not_reflected_unless_it_is_plain(direct: Edge, name: str) -> None:
    raw = b"GET /healthz HTTP/1.1\r\nHost: " + HOST.encode() + b"\r\nConnection: close\r\nX-Request-Id: 12345678"
    control = exchange(direct.at, raw + b"\r\n\r\n")[0]
    assert control.headers["x-request-id"] == "12345678"
    for answer in exchange(direct.at, raw + BYTES[name] + b"\r\n\r\n"):
        assert answer.headers.get("x-request-id", "") != "12345678" + BYTES[name].decode("latin-1")
        assert "x-injected" not in answer.headers


@pytest.mark.parametrize("name", BYTES)
def test_W05_the_page_to_return_to_is_not_reflected(edge: Edge, name: str) -> None:
    encoded = "".join(f"%{byte:02x}" for byte in BYTES[name])
    raw = f"GET /account/security/?next=/{encoded} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    for answer in exchange(edge.at, raw.encode()):
        assert answer.status < 500
        assert "x-injected" not in answer.headers
