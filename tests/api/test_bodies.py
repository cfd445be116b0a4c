"""Bodies that are bombs or lies, on every POST route; and one error shape whatever went wrong (SECURITY S-02, S-14)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from pytest_django import Settings

from accounts.users.models import User
from api import routes
from api.viewsets import GuardedViewSet
from tests.support.app import App

SOMEBODY = "01890a5d-ac96-774b-bcce-b302099a8057"
DEPTHS = [33, 1000, 3000, 30_000]
LIES = {
    "duplicate": b'{"a":1,"a":2}',
    "duplicate inside": b'{"a":{"b":1,"b":1}}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "huge float": b'{"a":1e999}',
    "long number": b'{"a":' + b"9" * 5000 + b"}",
    "lone surrogate": b'{"a":"\\ud800"}',
    "surrogate name": b'{"\\udfff":1}',
    "bad UTF-8": b'{"a":"\xff"}',
    "overlong UTF-8": b'{"a":"\xc0\xaf"}',
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "control character": b'{"a":"\n"}',
    "comment": b"{} // x",
    "two values": b"{}{}",
    "single quotes": b"{'a':1}",
    "trailing comma": b'{"a":1,}',
    "half": b'{"a":',
}


def post_routes() -> list[str]:
    """Those that read JSON: OAuth's read forms (tests/oidc)."""
    paths = []
    for path, callback in routes.endpoints():
        guarded = issubclass(callback.cls, GuardedViewSet)
        if not path.startswith("/oauth/") and ("post" in callback.actions if guarded else hasattr(callback.cls, "post")):
            paths.append(path.replace("{id}", SOMEBODY).replace("{name}", "nobody").replace("{provider}", "google"))
    return paths


POSTS = post_routes()


def post(app: App, path: str, body: bytes, content_type: str = "application/json") -> Any:
    return app.http.post(path, body, content_type=content_type, headers=app._headers({}))


def in_shape(answer: Any, status: int, code: str) -> None:
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code)
    # `err` and `description`: RFC 8935 §2.3, for issuers that send notices.
    assert set(body) <= {"code", "detail", "errors", "required_scope", "max_age", "err", "description"}
    assert isinstance(body["detail"], str)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", POSTS)
def test_S02_deep_body_is_refused_and_not_a_crash(root_app: App, path: str) -> None:
    for depth in DEPTHS:
        for bomb in (b"[" * depth, b"[" * depth + b"]" * depth, b'{"a":' * (depth // 2) + b"[" * depth, b'{"a":' + b"[" * depth):
            in_shape(post(root_app, path, bomb[:65_000]), 400, "malformed")


@pytest.mark.parametrize("path", POSTS)
def test_S02_hundred_thousand_brackets_are_too_large(root_app: App, path: str) -> None:
    in_shape(post(root_app, path, b"[" * 100_000), 413, "too_large")


@pytest.mark.parametrize("path", POSTS)
def test_S02_lies_are_refused(root_app: App, path: str) -> None:
    for name, lie in LIES.items():
        answer = post(root_app, path, lie)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed"), name


def test_S02_depth_32_is_read(root_app: App) -> None:
    deepest = b'{"a":' + b"[" * 31 + b"]" * 31 + b"}"
    assert post(root_app, "/api/v1/links/", deepest).json()["errors"]["a"][0]["code"] == "unknown_field"


def test_S02_brackets_in_strings_are_no_depth(root_app: App) -> None:
    answer = post(root_app, "/api/v1/links/", b'{"path":"' + b'[{\\"' * 200 + b'"}')
    assert answer.json()["errors"]["path"]


@pytest.mark.parametrize("path", POSTS)
def test_S02_strangers_bomb_is_refused_too(db: None, path: str) -> None:
    assert post(App(), path, b"[" * 3000).status_code in {400, 401}


CAUSES: dict[str, tuple[Callable[[App], Any], int, str]] = {
    "malformed": (lambda app: post(app, "/api/v1/links/", b"{"), 400, "malformed"),
    "content type": (lambda app: post(app, "/api/v1/links/", b"x", "text/plain"), 415, "unsupported_media_type"),
    "form": (
        lambda app: post(app, "/api/v1/links/", b"path=x", "application/x-www-form-urlencoded"),
        415,
        "unsupported_media_type",
    ),
    "charset": (
        lambda app: post(app, "/api/v1/links/", b"{}", "application/json; charset=utf-16"),
        415,
        "unsupported_media_type",
    ),
    "compressed": (
        lambda app: app.post("/api/v1/links/", {}, **{"Content-Encoding": "gzip"}),
        415,
        "unsupported_media_type",
    ),
    "too large": (lambda app: post(app, "/api/v1/links/", b" " * 70_000), 413, "too_large"),
    "no such path": (lambda app: app.get("/api/v1/nothing/"), 404, "not_found"),
    "no such path, POST": (lambda app: app.post("/api/v1/nothing"), 404, "not_found"),
    "no such path, from a stranger": (lambda app: Client(enforce_csrf_checks=True).post("/api/v1/links"), 404, "not_found"),
    "no such object": (lambda app: app.get(f"/api/v1/users/{SOMEBODY}/"), 404, "not_found"),
    "no such format": (lambda app: app.get("/api/v1/me/?format=xml"), 404, "not_found"),
    "method": (lambda app: app.post("/api/v1/me/"), 405, "method_not_allowed"),
    "method on the document": (lambda app: app.post("/api/schema/"), 405, "method_not_allowed"),
    "unknown method": (lambda app: app.http.generic("FOO", "/api/v1/me/"), 405, "method_not_allowed"),
    "accept": (lambda app: app.get("/api/v1/me/", Accept="application/xml"), 406, "not_acceptable"),
    "stranger": (lambda app: Client().get("/api/v1/me/"), 401, "not_authenticated"),
    "junk token": (lambda app: app.get("/api/v1/me/", Authorization="Bearer junk"), 401, "token_invalid"),
    "host": (lambda app: app.get("/api/v1/me/", Host="evil.example"), 400, "malformed"),
    "field": (lambda app: app.post("/api/v1/links/", {"x": 1}), 400, "invalid"),
    "parameter": (lambda app: app.get("/api/v1/me/?x=1"), 400, "invalid"),
    "repeated": (lambda app: app.get("/api/v1/me/?format=json&format=json"), 400, "repeated_parameter"),
    "query bomb": (lambda app: app.get("/api/v1/me/?" + "&".join(f"a{n}" for n in range(300))), 400, "malformed"),
}


@pytest.mark.parametrize("cause", list(CAUSES))
def test_S14_every_cause_answers_in_one_shape(root_app: App, cause: str) -> None:
    provoke, status, code = CAUSES[cause]
    in_shape(provoke(root_app), status, code)
    assert root_app.get("/api/v1/me/").status_code == 200


@pytest.mark.parametrize("path", POSTS)
def test_S14_refusals_of_every_route_have_the_shape(root_app: App, path: str) -> None:
    in_shape(post(root_app, path, b"x", "text/plain"), 415, "unsupported_media_type")
    in_shape(root_app.http.generic("PUT", path, headers=root_app._headers({})), 405, "method_not_allowed")
    in_shape(root_app.post(path, {}, Accept="application/xml"), 406, "not_acceptable")
    in_shape(root_app.http.generic("TRACE", path, headers=root_app._headers({})), 405, "method_not_allowed")


def test_S14_bug_of_ours_is_500_in_shape_without_details(root_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    view = get_resolver().resolve("/api/v1/me/").func.cls
    monkeypatch.setattr(view, "_row", lambda self: 1 / 0)
    answer = client.get("/api/v1/me/", headers=root_app._headers({}))
    in_shape(answer, 500, "internal_error")
    assert "division" not in answer.content.decode()


def test_S14_development_answers_in_the_same_shape(root_app: App, settings: Settings) -> None:
    settings.DEBUG = True
    in_shape(root_app.get("/api/v1/nothing/"), 404, "not_found")
    in_shape(root_app.post("/api/v1/links"), 404, "not_found")
    in_shape(root_app.http.generic("GET", "/api/v1/users/o%0Ao/"), 404, "not_found")


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, identity"])
@pytest.mark.parametrize("path", ["/api/v1/links/", "/auth/token/"])
def test_S07_compressed_body_is_not_unpacked(app: App, path: str, coding: str) -> None:
    in_shape(app.post(path, {}, **{"Content-Encoding": coding}), 415, "unsupported_media_type")
    assert app.post(path, {}, **{"Content-Encoding": "identity"}).status_code == 400


def test_G08_whatever_is_wrong_with_a_token_the_answer_is_the_same(app: App) -> None:
    head, body, signature = app.access.split(".")
    other_head = head[:-2] + ("AA" if head[-2:] != "AA" else "BA")
    broken = [
        "junk",
        f"{head}.{body}.AAAA",
        f"{other_head}.{body}.{signature}",
        f"{head}.e30.{signature}",
        "x" * 9000,
        app.refresh,
    ]
    answers = {app.get("/api/v1/me/", Authorization=f"Bearer {token}").content for token in broken}
    assert len(answers) == 1
    assert app.get("/api/v1/me/").status_code == 200


def test_C12_nothing_personal_is_stored(root_app: App, alice: User) -> None:
    for route in routes.guarded():
        path = route.path.replace("{id}", str(alice.id)).replace("{name}", "nobody")
        for accept in ("application/json", "text/html"):
            answer = root_app.http.generic(
                route.method, path, b"{}", "application/json", headers=root_app._headers({"Accept": accept})
            )
            assert answer["Cache-Control"] == "no-store", path
            assert {"Accept", "Authorization", "Cookie"} <= set(answer["Vary"].split(", ")), path
        root_app.sign_in("root@example.com")
