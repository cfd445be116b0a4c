"""The outermost layer, on every route: methods, hosts, lengths, chunks, headers."""

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from pytest_django import Settings

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


REPEATED = ["a=1&a=2", "a=1&%61=2", "%61=1&a=2", "a=1&%61%20=2&a+=3", "a&a", "a=1&b=2&%41=3&A=4"]


@pytest.mark.parametrize("query", REPEATED)
def test_B15_a_parameter_that_comes_twice_is_refused_in_every_spelling(query: str) -> None:
    for path in ("/healthz", "/auth/token/", "/account/sign-in/"):
        answer = sent("GET", f"{path}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "repeated_parameter")


@pytest.mark.parametrize("query", ["a=1&b=1", "a=1&A=1", "a=%26a%3D2&b=1", "a=1&%2561=2", ""])
def test_B15_control_different_parameters_pass(query: str) -> None:
    assert sent("GET", f"/healthz?{query}").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("path", ["/auth/token", "/auth/token/refresh", "/api/v1/me", "/api/v1/me/devices/revoke-others"])
def test_what_is_posted_without_the_slash_is_not_found(settings: Settings, path: str, debug: bool) -> None:
    settings.DEBUG = debug
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = sent(method, path, data="{}", content_type="application/json")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert sent("POST", f"{path}/", data="{}", content_type="application/json").status_code in {400, 401}


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
def test_a_reader_is_led_to_the_slash(settings: Settings, debug: bool) -> None:
    settings.DEBUG = debug
    answer = sent("GET", "/account/sign-in?next=/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/account/sign-in/?next=/admin/")


@pytest.mark.django_db
@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    "path",
    [
        *("/auth/nothing/", "/auth/token", "/auth", "/.well-known/nothing", "/oauth/nothing", "/API/v1/me/"),
        *("//api/v1/me/", "/api/nothing/", "/api/v1/me", "/Auth/token/", "//auth/token/"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_S14_what_apps_ask_for_and_is_not_there_has_our_shape(settings: Settings, path: str, debug: bool, method: str) -> None:
    settings.DEBUG = debug
    # The test client would take what follows // for a host.
    answer = sent(method, "/", PATH_INFO=path, headers={"Cookie": "a=b"})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert ("slash" in answer.json()["detail"]) == (path in {"/auth/token", "/api/v1/me"})
