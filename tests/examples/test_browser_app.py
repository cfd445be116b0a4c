"""A browser app on another origin, as docs/tokens-for-mobile.md tells it: cookies, and a CSRF token it cannot read from them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from examples.mobile_client.wire import Answer, Http
from tests.faults import people
from tests.support.server import Server, running_server

pytestmark = pytest.mark.processes

APP = "https://app.example.com"
PASSWORD = "a browser app on another origin"
COOKIE = {"X-Token-Transport": "cookie", "Origin": APP}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("browser-app")
    with running_server(folder, env={"CORS_ALLOWED_ORIGINS": APP}) as running:
        people.make(running, 1, PASSWORD)
        yield running


def sign_in(server: Server, **headers: str) -> Answer:
    return Http(server.url)("POST", "/auth/token/", {"email": "p000@example.com", "password": PASSWORD}, {**COOKIE, **headers})


def cookies(answer: Answer) -> str:
    return "; ".join(cookie.partition(";")[0] for cookie in answer.headers["set-cookie"].split("\n"))


def test_tokens_are_in_cookies_only(server: Server) -> None:
    answer = sign_in(server)
    assert answer.status == 200
    assert {"access", "refresh"}.isdisjoint(answer.body)
    assert "HttpOnly" in answer.headers["set-cookie"]


def test_app_may_read_the_csrf_token(server: Server) -> None:
    answer = sign_in(server)
    assert answer.headers["access-control-allow-origin"] == APP
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert "X-CSRFToken" in answer.headers["access-control-expose-headers"]


def test_refresh_needs_the_csrf_token(server: Server) -> None:
    signed_in = sign_in(server)
    sent = {**COOKIE, "Cookie": cookies(signed_in)}
    refused = Http(server.url)("POST", "/auth/token/refresh/", None, sent)
    renewed = Http(server.url)("POST", "/auth/token/refresh/", None, {**sent, "X-CSRFToken": signed_in.headers["x-csrftoken"]})
    assert (refused.status, refused.code) == (403, "csrf_failed")
    assert renewed.status == 200


def test_other_origins_get_no_cookie(server: Server) -> None:
    refused = sign_in(server, Origin="https://evil.example")
    assert (refused.status, refused.code) == (403, "origin_not_allowed")
    assert "access-control-allow-origin" not in refused.headers
