"""Cookies and credentials as bytes on the wire, against a real server."""

import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from tests.support.app import PASSWORD
from tests.support.server import Server, running_server

pytestmark = pytest.mark.processes
HOST = "id.example.com"
OWNER = "owner@example.com"


class Answer(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: str


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Believes that it stands at https://id.example.com, as behind a proxy."""
    env = {"PUBLIC_URL": f"https://{HOST}"}
    with running_server(tmp_path_factory.mktemp("wire"), workers=2, env=env) as running:
        running.manage("createsuperuser", "--noinput", DJANGO_SUPERUSER_EMAIL=OWNER, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
        yield running


def ask(
    server: Server, method: str, path: str, headers: list[tuple[str, str]], body: str = "", *, accept: str = "text/html"
) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest(method, path, skip_host=True)
    for name, value in [("Host", HOST), ("Accept", accept), ("Content-Length", str(len(body))), *headers]:
        connection.putheader(name, value)
    connection.endheaders(body.encode())
    response = connection.getresponse()
    answer = Answer(response.status, response.headers, response.read().decode())
    connection.close()
    return answer


def set_by(answer: Answer) -> dict[str, str]:
    """Name to the whole header, value left out."""
    lines = answer.headers.get_all("Set-Cookie") or []
    return {line.partition("=")[0]: re.sub(r"=[^;]*", "", line, count=1) for line in lines}


def signed_in(server: Server) -> tuple[Answer, str, str]:
    """The answer to the sign-in, the sign-in cookie, the CSRF cookie."""
    first = ask(server, "GET", "/account/sign-in/", [])
    token = SimpleCookie(first.headers["Set-Cookie"])["__Host-csrf"].value
    form = urlencode({"email": OWNER, "password": PASSWORD, "csrfmiddlewaretoken": token})
    headers = [("Cookie", f"__Host-csrf={token}"), ("Content-Type", "application/x-www-form-urlencoded")]
    answer = ask(server, "POST", "/account/sign-in/", [*headers, ("Origin", f"https://{HOST}")], form)
    assert answer.status == 303, answer.body
    jar: SimpleCookie = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie") or []:
        jar.load(line)
    return answer, jar["__Host-signet"].value, jar["__Host-csrf"].value


def shown(server: Server, *cookies: str) -> int:
    """200 for somebody who is signed in, 303 for a stranger; each argument is a header line of its own."""
    return ask(server, "GET", "/account/security/", [("Cookie", line) for line in cookies]).status


def is_signed_out_soon(server: Server, cookie: str) -> bool:
    """The worker that did not do it hears of a sign-out within a second; half a second more for a busy machine."""
    deadline = time.monotonic() + 1.5
    while time.monotonic() < deadline:
        if shown(server, f"__Host-signet={cookie}") == 303:
            return True
        time.sleep(0.02)
    return False


def test_C01_cookies_on_the_wire(server: Server) -> None:
    answer, _, _ = signed_in(server)
    lines = set_by(answer)
    assert set(lines) == {"__Host-signet", "__Host-known-device", "__Host-csrf"}
    for name, line in lines.items():
        words = {part.strip().partition("=")[0] for part in line.split(";")[1:]}
        assert words - {"expires"} == {"Max-Age", "Path", "SameSite", "Secure", *(["HttpOnly"] if name != "__Host-csrf" else [])}
        assert "SameSite=Lax" in line
        assert "Path=/;" in f"{line};"
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert not re.search("session", str(answer.headers), re.IGNORECASE)


def test_C07_two_cookies_in_one_line_or_two_are_none(server: Server) -> None:
    _, cookie, _ = signed_in(server)
    mine = f"__Host-signet={cookie}"
    assert shown(server, mine) == 200
    for lines in ((f"{mine}; {mine}",), (mine, mine), (mine, "__Host-signet=planted"), ("__Host-signet=planted", mine)):
        assert shown(server, *lines) == 303, lines
    assert shown(server, "other=1", mine) == 200


def test_C07_cookie_of_the_development_name_is_not_read(server: Server) -> None:
    _, cookie, _ = signed_in(server)
    assert shown(server, f"signet={cookie}") == 303


@pytest.mark.parametrize("line", [b"\xff\xfe", b"signet", b"=;=;=", b";" * 2000, b"__Host-signet=" + b"A" * 7000])
def test_C16_bytes_that_are_no_cookie_are_a_stranger(server: Server, line: bytes) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        wire.sendall(b"GET / HTTP/1.1\r\nHost: id.example.com\r\nConnection: close\r\nCookie: " + line + b"\r\n\r\n")
        status = wire.recv(65536).split(b" ")[1]
    assert status in {b"200", b"400", b"431"}
    assert shown(server) == 303


TWO_LINES = {
    "the same twice": ["Bearer {0}", "Bearer {0}"],
    "a good one first": ["Bearer {0}", "Bearer junk"],
    "a good one last": ["Bearer junk", "Bearer {0}"],
    "two schemes": ["Basic YTpi", "Bearer {0}"],
    "two schemes, the other way around": ["Bearer {0}", "Basic YTpi"],
    "an empty second": ["Bearer {0}", ""],
    "an empty first": ["", "Bearer {0}"],
}


@pytest.mark.parametrize("lines", TWO_LINES.values(), ids=TWO_LINES)
def test_J22_two_authorization_headers_authenticate_nobody(server: Server, lines: list[str]) -> None:
    access = access_token(server)
    assert bearing(server, [f"Bearer {access}"]) == 200
    assert bearing(server, [line.format(access) for line in lines]) in {400, 401}
    assert bearing(server, [f"Bearer {access}"]) == 200


def access_token(server: Server) -> str:
    body = json.dumps({"email": OWNER, "password": PASSWORD})
    answer = ask(server, "POST", "/auth/token/", [("Content-Type", "application/json")], body, accept="application/json")
    return str(json.loads(answer.body)["access"])


def bearing(server: Server, authorization: list[str]) -> int:
    """The status of a request with these header lines, byte for byte."""
    lines = ["GET /api/v1/me/ HTTP/1.1", f"Host: {HOST}", "Accept: application/json", "Connection: close"]
    lines += [f"Authorization: {value}" for value in authorization]
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(wire.recv(65536).split(b" ")[1])


@pytest.mark.deadline
def test_csrf_over_https_wants_an_origin_or_referer_of_ours(server: Server) -> None:
    _, cookie, token = signed_in(server)
    cookies = ("Cookie", f"__Host-signet={cookie}; __Host-csrf={token}")
    form, kind = urlencode({"csrfmiddlewaretoken": token}), ("Content-Type", "application/x-www-form-urlencoded")
    for foreign in (("Origin", "https://evil.example"), ("Origin", f"http://{HOST}"), ("Origin", "null")):
        assert ask(server, "POST", "/account/sign-out/", [cookies, kind, foreign], form).status == 403
    assert shown(server, f"__Host-signet={cookie}") == 200
    assert ask(server, "POST", "/account/sign-out/", [cookies, kind, ("Origin", f"https://{HOST}")], form).status == 200
    assert is_signed_out_soon(server, cookie)


@pytest.mark.deadline
def test_browser_is_signed_out_everywhere_within_a_second(server: Server) -> None:
    _, one, token = signed_in(server)
    _, other, _ = signed_in(server)
    kept, accepted, stopping = f"__Host-signet={one}", [0.0], threading.Event()

    def hammer() -> None:
        while not stopping.is_set():
            asked_at = time.monotonic()
            if shown(server, f"__Host-signet={other}") == 200:
                accepted.append(asked_at)

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(1.5)
    headers = [("Cookie", f"{kept}; __Host-csrf={token}"), ("Content-Type", "application/x-www-form-urlencoded")]
    form = urlencode({"csrfmiddlewaretoken": token})
    done = ask(server, "POST", "/account/security/sign-out-others/", [*headers, ("Origin", f"https://{HOST}")], form)
    ended_at = time.monotonic()
    time.sleep(2)
    stopping.set()
    for thread in threads:
        thread.join()
    assert (done.status, shown(server, kept)) == (303, 200)
    assert len(accepted) > 10
    assert max(accepted) - ended_at <= 1.0
