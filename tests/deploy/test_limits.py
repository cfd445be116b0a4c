"""Limits on the wire: sizes to the byte, floods of headers, parsing bombs, unknown methods."""

import re
import time
from pathlib import Path

import pytest

from tests.deploy.edges import Edge
from tests.deploy.wire import HOST, Answer, ask, chunked, exchange
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

BODY = 64 * 1024
JSON = "Content-Type: application/json"
CHUNKS = "Transfer-Encoding: chunked"


def post(edge: Edge, size: int, *, in_chunks: bool = False) -> Answer:
    body = b"x" * size
    if in_chunks:
        return ask(edge.at, "POST", "/mirror/size/", headers=(CHUNKS,), body=chunked(body))
    return ask(edge.at, "POST", "/mirror/size/", body=body)


@pytest.mark.parametrize("in_chunks", [False, True], ids=["with a length", "in chunks"])
def test_S01_a_body_of_exactly_the_limit_passes(edge: Edge, in_chunks: bool) -> None:
    answer = post(edge, BODY, in_chunks=in_chunks)
    assert answer.status == 200
    assert answer.json()["length"] == BODY


@pytest.mark.parametrize("in_chunks", [False, True], ids=["with a length", "in chunks"])
@pytest.mark.parametrize("size", [BODY + 1, BODY + 4096, 10 * BODY])
def test_S01_one_byte_more_is_refused_in_our_shape(edge: Edge, in_chunks: bool, size: int) -> None:
    answer = post(edge, size, in_chunks=in_chunks)
    assert answer.status == 413
    assert answer.json() == {"code": "too_large", "detail": "The request body is too large."}
    assert answer.headers["content-type"] == "application/json"


def test_S01_a_chunked_body_is_read_like_any_other(edge: Edge) -> None:
    body = b'{"refresh": "rt1.not-a-token"}'
    plain = ask(edge.at, "POST", "/auth/token/refresh/", headers=(JSON,), body=body)
    pieces = ask(edge.at, "POST", "/auth/token/refresh/", headers=(JSON, CHUNKS), body=chunked(body, 3))
    assert (plain.status, plain.body) == (pieces.status, pieces.body)
    assert plain.json()["code"] == "token_invalid"


@pytest.mark.deadline
def test_S01_an_announced_giant_is_refused_before_it_is_sent(edge: Edge) -> None:
    head = f"POST /mirror/giant/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\nContent-Length: 99999999999\r\n\r\n"
    started = time.monotonic()
    assert [answer.status for answer in exchange(edge.at, head.encode(), timeout=4)] == [413]
    assert time.monotonic() - started < 4


def test_S01_one_header_line_to_the_byte_in_nginx(nginx: Edge) -> None:
    # A line and its end fill one buffer of 8 KiB.
    assert ask(nginx.at, "GET", "/mirror/line/", headers=("X-A: " + "a" * (8192 - 7),)).status == 200
    assert ask(nginx.at, "GET", "/mirror/line/", headers=("X-A: " + "a" * (8192 - 6),)).status == 400


@pytest.mark.parametrize(("name", "passes", "refused"), [("nginx", 12, 20), ("caddy", 16, 24), ("direct", 32, 256)])
def test_S01_headers_are_capped(request: pytest.FixtureRequest, name: str, passes: int, refused: int) -> None:
    edge: Edge = request.getfixturevalue(name)
    assert ask(edge.at, "GET", "/mirror/headers/", headers=lines(passes)).status == 200
    assert {answer.status for answer in exchange(edge.at, with_headers(lines(refused)))} <= {400, 431}
    assert ask(edge.at, "GET", "/mirror/headers/", headers=lines(passes)).status == 200


def lines(kib: int) -> tuple[str, ...]:
    """So many KiB of headers, in lines of one KiB."""
    return tuple(f"X-{number:03}: ".ljust(1022, "a") for number in range(kib))


def with_headers(headers: tuple[str, ...], path: str = "/mirror/headers/") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", f"Host: {HOST}", "Connection: close", *headers, "", ""]).encode()


@pytest.mark.parametrize("name", ["X-Same: a", "X-Number-{}: a", "X_Under_{}: a", "Cookie: c{}=1"])
@pytest.mark.deadline
def test_S08_ten_thousand_headers_are_refused_at_once(edge: Edge, name: str) -> None:
    flood = with_headers(tuple(name.format(number) for number in range(10_000)))
    started = time.monotonic()
    assert {answer.status for answer in exchange(edge.at, flood)} <= {400, 431}
    assert time.monotonic() - started < 5
    assert ask(edge.at, "GET", "/healthz").status == 200


BOMBS = {
    "media types": "Accept: " + ",".join(f"a/b{number};q=0.{number % 10}" for number in range(2000)),
    "semicolons in Accept": "Accept: a/b" + ";" * 30_000,
    "semicolons in Content-Type": "Content-Type: application/json" + ";" * 30_000,
    "parameters in Content-Type": "Content-Type: application/json" + ";a=b" * 8_000,
    "languages": "Accept-Language: " + ",".join(f"l{number:04}" for number in range(5_000)),
    "one long language": "Accept-Language: " + "-".join(["en"] * 10_000),
    "cookies": "Cookie: " + "; ".join(f"c{number}=1" for number in range(3_000)),
    "commas in Forwarded": "Forwarded: " + "," * 30_000,
    "authorization": "Authorization: Bearer " + "a." * 15_000,
    "ranges": "Range: bytes=" + ",".join(f"{number}-{number}" for number in range(3_000)),
    "tags": "If-None-Match: " + ",".join(f'"{number}"' for number in range(5_000)),
}
PLACES = [("POST", "/auth/token/"), ("GET", "/.well-known/jwks.json"), ("GET", "/account/sign-in/"), ("GET", "/mirror/bomb/")]


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize(("method", "path"), PLACES)
@pytest.mark.deadline
def test_S12_a_parsing_bomb_costs_nothing(direct: Edge, method: str, path: str, bomb: str) -> None:
    headers = (BOMBS[bomb],) if bomb.endswith("Content-Type") else (JSON, BOMBS[bomb])
    body = b"{}" if method == "POST" else None
    # The quickest of five: what parsing costs, not what else the machine is doing.
    assert min(timed(direct, method, path, headers, body) for _ in range(5)) < 0.05


def timed(edge: Edge, method: str, path: str, headers: tuple[str, ...], body: bytes | None) -> float:
    started = time.monotonic()
    assert ask(edge.at, method, path, headers=headers, body=body).status < 500
    return time.monotonic() - started


@pytest.mark.parametrize(
    "header",
    ["Content-Type: application/json; x*=nope''y", "Content-Type: a/b; charset*=nope''y", "Content-Length: " + "0" * 5_000],
    ids=["parameter", "charset", "zeros"],
)
def test_S14_what_cannot_be_parsed_is_refused_in_our_shape_and_not_outside_of_it(direct: Edge, header: str) -> None:
    headers = (header,) if header.startswith("Content-Length") else (header, "Content-Length: 2")
    raw = "\r\n".join(["POST /auth/token/ HTTP/1.1", f"Host: {HOST}", "Connection: close", *headers, "", "{}"])
    (answer,) = exchange(direct.at, raw.encode())
    assert 400 <= answer.status < 500
    assert set(answer.json()) >= {"code", "detail"}
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("charset", ["hex", "undefined", "idna", "unicode_escape", "utf-16", "rot13"])
@pytest.mark.parametrize("path", ["/oauth/authorize?client_id=%5Cud800", "/account/sign-in/?next=%5Cud800"])
def test_S14_query_is_utf8_whatever_a_content_type_says(direct: Edge, path: str, charset: str) -> None:
    answer = ask(direct.at, "GET", path, headers=(f"Content-Type: a/b; charset=utf-8; charset={charset}",))
    assert answer.status < 500
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_S12_bombs_leave_no_memory_behind(direct: Edge, application: Server) -> None:
    def round_of(number: int) -> None:
        distinct = ",".join(f"l{number}x{entry}" for entry in range(1_500))
        ask(direct.at, "GET", "/account/sign-in/", headers=(f"Accept-Language: {distinct}", f"Accept: {distinct}"))

    for number in range(10):
        round_of(number)
    before = resident_bytes(application)
    for number in range(10, 60):
        round_of(number)
    assert resident_bytes(application) - before < 16 * 1024 * 1024


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "FOO", "PROPFIND", "get", "PRI"])
def test_S15_an_unknown_method_reaches_nothing(edge: Edge, direct: Edge, method: str) -> None:
    name = f"method-{method.lower()}-{edge.name}"
    answers = exchange(edge.at, f"{method} /mirror/{name}/ HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    assert [answer.status for answer in answers] in ([], [400], [405])
    assert name not in ask(direct.at, "GET", "/mirrored").json()["names"]
    assert ask(edge.at, "GET", "/healthz").status == 200


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "FOO"])
def test_S15_the_refusal_names_what_is_allowed(edge: Edge, method: str) -> None:
    answer = ask(edge.at, method, "/auth/token/", headers=("Authorization: Bearer secret", "Cookie: a=b"))
    assert (answer.status, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["allow"] == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
    assert b"secret" not in answer.body


def test_compressed_requests_are_not_unpacked(edge: Edge) -> None:
    answer = ask(edge.at, "POST", "/auth/token/", headers=(JSON, "Content-Encoding: gzip"), body=b"\x1f\x8b")
    assert answer.status == 415


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_what_is_for_the_house_is_not_reached_through_a_proxy(proxy: Edge, direct: Edge, path: str) -> None:
    assert ask(proxy.at, "GET", path, headers=("Authorization: Bearer anything",)).status == 404
    assert ask(proxy.at, "GET", "/healthz").status == 200
    assert ask(direct.at, "GET", "/readyz").status == 200


def resident_bytes(server: Server) -> int:
    """Memory of the server's processes."""
    return (
        sum(int(found[1]) for pid in worker_pids(server) if (found := _RSS.search(Path(f"/proc/{pid}/status").read_text())))
        * 1024
    )


_RSS = re.compile(r"VmRSS:\s+(\d+) kB")


def worker_pids(server: Server) -> list[int]:
    assert server.process is not None
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return sorted(int(pid) for pid in children.split())
