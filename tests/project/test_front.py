"""The outermost layer, on every route: methods, hosts, lengths, chunks, headers."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from tests.support.app import App

ONE_UUID = "0190a0a0-0000-7000-8000-000000000000"
LIMIT = 64 * 1024


def routes() -> list[str]:
    """A path for each route of the product."""
    return sorted(set(_paths(get_resolver(), "/")))


def _paths(resolver: URLResolver, prefix: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        path = prefix + _filled(entry.pattern)
        if isinstance(entry, URLPattern):
            yield path
        else:
            yield from _paths(entry, path)


def _filled(pattern: Any) -> str:
    if isinstance(pattern, RoutePattern):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda found: ONE_UUID if found[1] == "uuid" else "x", str(pattern))
    return str(pattern.regex.pattern).strip("^$").split("(")[0]


def sent(method: str, path: str, client: Client | None = None, **extra: Any) -> Any:
    return (client or Client()).generic(method, path, **extra)


@pytest.mark.parametrize("path", routes())
def test_S15_no_unknown_method_reaches_a_route(path: str) -> None:
    for method in ("TRACE", "TRACK", "CONNECT", "FOO", "get"):
        answer = sent(method, path, headers={"Authorization": "Bearer echo-me", "Cookie": "a=echo-me"})
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert b"echo-me" not in answer.content


def test_S15_there_are_routes_to_try() -> None:
    assert {"/auth/token/", "/healthz", "/.well-known/jwks.json", "/account/sign-in/"} <= set(routes())
    assert len(routes()) > 30


@pytest.mark.parametrize("path", ["/auth/token/", "/api/v1/me/", "/account/sign-in/", "/healthz"])
def test_W02_a_foreign_host_is_refused(path: str) -> None:
    assert sent("GET", path, headers={"Host": "testserver"}).status_code != 400
    for host in ("evil.test", "testserver,evil.test", "testserver@evil.test", ""):
        assert sent("GET", path, headers={"Host": host}, SERVER_NAME="evil.test").status_code == 400


@pytest.mark.parametrize("length", ["-1", "1e3", "0x10", " 5", str(LIMIT + 1)])
def test_S01_an_odd_length_is_refused(length: str) -> None:
    assert sent("POST", "/auth/token/", CONTENT_LENGTH=length).status_code == 413


def in_chunks(body: bytes, **extra: Any) -> Any:
    """As an app server hands it over: no length, and an input that ends by itself."""
    environ = {"wsgi.input": io.BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked", **extra}
    client = Client()
    return client.request(REQUEST_METHOD="POST", PATH_INFO="/auth/token/refresh/", CONTENT_TYPE="application/json", **environ)


@pytest.mark.django_db
def test_S01_a_chunked_body_is_read() -> None:
    assert in_chunks(b'{"refresh": "rt1.x"}').json()["code"] == "token_invalid"


def test_S01_a_chunked_body_beyond_the_limit_is_refused() -> None:
    assert in_chunks(b" " * (LIMIT + 1)).status_code == 413


def test_W04_chunks_with_a_length_are_refused() -> None:
    assert in_chunks(b"{}", CONTENT_LENGTH="2").status_code == 400


def test_W04_chunks_whose_end_the_server_does_not_mark_are_refused() -> None:
    assert in_chunks(b"{}", **{"wsgi.input_terminated": False}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/auth/token/", "/api/v1/me/", "/account/sign-in/", "/nowhere", "/healthz"])
def test_every_answer_carries_the_headers_of_safety(path: str) -> None:
    for method in ("GET", "POST", "TRACE"):
        headers = App().http.generic(method, path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"]
        assert headers["X-Request-Id"]


def test_a_plain_request_id_is_kept_and_any_other_replaced() -> None:
    assert sent("GET", "/healthz", headers={"X-Request-Id": "abc-12345"}).headers["X-Request-Id"] == "abc-12345"
    for odd in ("short", "a" * 65, "abc 12345", "abc_12345", "ábc-12345"):
        assert sent("GET", "/healthz", headers={"X-Request-Id": odd}).headers["X-Request-Id"] != odd
