"""A browser app on another origin, as docs/tokens-for-mobile.md tells it: cookies, and a CSRF token it cannot read from them."""

import http.client
import json
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tests.faults import people
from tests.support.server import Server, running_server

pytestmark = pytest.mark.processes

APP = "https://app.example.com"
PASSWORD = "a browser app on another origin"
COOKIE = {"X-Token-Transport": "cookie", "Origin": APP, "Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("browser-app")
    with running_server(folder, env={"CORS_ALLOWED_ORIGINS": APP}) as running:
        people.make(running, 1, PASSWORD)
        yield running


def post(server: Server, path: str, body: Any, headers: dict[str, str]) -> tuple[int, Message, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.request("POST", path, json.dumps(body) if body else None, {**COOKIE, **headers})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers, json.loads(content) if content else None


def sign_in(server: Server, **headers: str) -> tuple[int, Message, Any]:
    return post(server, "/auth/token/", {"email": "p000@example.com", "password": PASSWORD}, headers)


def kept(headers: Message) -> str:
    return "; ".join(cookie.partition(";")[0] for cookie in headers.get_all("Set-Cookie", []))


def test_tokens_are_in_cookies_only(server: Server) -> None:
    status, headers, body = sign_in(server)
    assert status == 200
    assert {"access", "refresh"}.isdisjoint(body)
    assert any(cookie.startswith("signet=") and "HttpOnly" in cookie for cookie in headers.get_all("Set-Cookie", []))


def test_app_may_read_the_csrf_token(server: Server) -> None:
    _, headers, _ = sign_in(server)
    assert headers["Access-Control-Allow-Origin"] == APP
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "X-CSRFToken" in headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(("path", "status"), [("/auth/token/refresh/", 200), ("/auth/token/revoke/", 204)])
def test_cookie_endpoints_want_that_token_and_no_body(server: Server, path: str, status: int) -> None:
    _, headers, _ = sign_in(server)
    cookies = {"Cookie": kept(headers)}
    assert post(server, path, None, cookies)[0] == 403
    assert post(server, path, None, {**cookies, "X-CSRFToken": headers["X-CSRFToken"]})[0] == status


def test_other_origins_get_no_cookie(server: Server) -> None:
    status, headers, body = sign_in(server, Origin="https://evil.example")
    assert (status, body["code"], headers.get_all("Set-Cookie")) == (403, "origin_not_allowed", None)
    assert "Access-Control-Allow-Origin" not in headers
