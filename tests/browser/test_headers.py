"""What every answer carries for a browser: no store, no frame, no inline script, no foreign origin."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from pytest_django import Settings

from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser, paths

pytestmark = pytest.mark.slow

PUBLIC = {
    *("/.well-known/jwks.json", "/.well-known/revocations", "/auth/config/", "/admin/jsi18n/", "/api/schema/", "/api/docs/"),
    *(f"/.well-known/{name}" for name in ("openid-configuration", "oauth-authorization-server", "oauth-protected-resource")),
}
EVIL = [
    *("https://evil.example", "null", "https://app.example.com.evil.example", "https://evil-app.example.com"),
    *("http://app.example.com", "https://app.example.com:444", "https://app.example.com/", "HTTPS://APP.EXAMPLE.COM"),
]


@pytest.fixture
def one_web_app(settings: Settings) -> str:
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    return "https://app.example.com"


@pytest.mark.parametrize("origin", EVIL)
def test_C10_foreign_origin_gets_no_cors_headers(one_web_app: str, db: None, origin: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = Client().generic(method, "/auth/token/", headers=headers)
        assert not [name for name in answer.headers if name.startswith("Access-Control-Allow")], (method, origin)


def test_C10_listed_origin_is_answered_by_name(one_web_app: str, db: None) -> None:
    answer = Client().post("/auth/token/", {}, "application/json", headers={"Origin": one_web_app})
    assert answer["Access-Control-Allow-Origin"] == one_web_app
    assert "origin" in answer["Vary"].lower()
    assert "*" not in {answer["Access-Control-Allow-Origin"], answer.get("Access-Control-Allow-Headers", "")}


def test_C10_pages_are_open_to_no_origin(one_web_app: str, alices: Browser) -> None:
    for path in ("/", "/account/security/", "/account/sign-in/", "/admin/"):
        assert "Access-Control-Allow-Origin" not in alices.get(path, Origin=one_web_app).headers, path


def test_C12_every_answer_says_no_store(roots: Browser, root_app: App) -> None:
    for path in paths():
        for answer in (roots.get(path), root_app.get(path), roots.http.post(path), Client().get(path)):
            if path not in PUBLIC:
                assert "no-store" in answer["Cache-Control"], path


def test_C13_no_page_may_be_framed(roots: Browser) -> None:
    for path in [*paths(), "/no-such-page/"]:
        answer = roots.get(path)
        assert answer["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], path


def test_C14_no_page_allows_inline_script_or_style(roots: Browser) -> None:
    for path in [*paths(), "/no-such-page/"]:
        policy = roots.get(path)["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "unsafe" not in policy, path
        assert not re.search(r"https?:|\*", policy), path


def test_C14_pages_hold_no_inline_script_handler_or_style(roots: Browser) -> None:
    inline = re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|\son\w+=|\sstyle=|<style|javascript:", re.IGNORECASE)
    for path in paths():
        answer = roots.get(path)
        if answer["Content-Type"].startswith("text/html"):
            assert not inline.search(answer.content.decode()), (path, inline.search(answer.content.decode()))


def test_C14_what_people_call_themselves_is_escaped(roots: Browser, alice: User) -> None:
    mark = '<svg onload="alert(1)">'
    User.objects.update(name=mark)
    browser = Browser()
    browser.sign_in(alice.email)
    for shown in (browser.get("/account/security/"), roots.get("/admin/"), roots.get("/admin/accounts/device/")):
        assert mark not in shown.content.decode()


def test_Y06_no_page_loads_anything_from_elsewhere(roots: Browser) -> None:
    loads = re.compile(r"""<(?!a\b)[^>]*\b(?:src|srcset|href|action|data|poster)=["']?\s*(?:https?:)?//[^>]*>""", re.IGNORECASE)
    assert loads.search('<link rel="stylesheet" href="//cdn.example/x.css">')
    pages = [(path, roots.get(path)) for path in [*paths(), "/no-such-page/"]]
    shown = [(path, answer.content.decode()) for path, answer in pages if answer["Content-Type"].startswith("text/html")]
    assert len(shown) > 20
    assert [(path, found[0]) for path, text in shown if (found := loads.search(text))] == []


def test_C17_answers_that_read_the_cookie_vary_on_it(alices: Browser) -> None:
    for path in ("/", "/account/security/", "/account/sign-out/", "/api/v1/me/"):
        answer = alices.get(path)
        assert "Cookie" in answer.get("Vary", ""), path
        assert "no-store" in answer["Cache-Control"], path


def test_C17_nothing_caches_whole_pages() -> None:
    code = [path for room in ("accounts", "api", "project") for path in Path(room).rglob("*.py")]
    caching = re.compile("cache_page|(?:UpdateCache|FetchFromCache|Cache)Middleware")
    assert [path for path in code if caching.search(path.read_text())] == []
    assert not [name for name in settings.MIDDLEWARE if "cache" in name.lower()]
    assert settings.CACHES["default"]["BACKEND"] == "django.core.cache.backends.dummy.DummyCache"
