"""`X-Token-Transport: cookie`: a browser app signs in, refreshes and signs out with cookies, and never sees a token."""

import json

import pytest

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser

PAIR = {"expires_in", "refresh_expires_in", "scope", "device"}


@pytest.fixture
def script(alice: User) -> Browser:
    """A web app of ours in a browser, signed in by its own script."""
    browser = Browser()
    answer = browser.send(
        "POST",
        "/auth/token/",
        {"email": alice.email, "password": PASSWORD, "device": {"name": "Shop"}},
        X_Token_Transport="cookie",
    )
    assert answer.status_code == 200
    assert set(answer.json()) == PAIR
    return browser


def refresh(browser: Browser, **headers: str) -> tuple[int, str]:
    answer = browser.send("POST", "/auth/token/refresh/", X_Token_Transport="cookie", **headers)
    return answer.status_code, answer.json().get("code", "")


def test_sign_in_sets_the_cookies_and_answers_no_token(script: Browser) -> None:
    device = Device.objects.get()
    assert (device.transport, device.name) == ("cookie", "Shop")
    assert script.cookie
    assert script.csrf
    assert script.send("GET", "/api/v1/me/").json()["email"] == "alice@example.com"


def test_refresh_renews_the_cookie_with_the_csrf_token(script: Browser) -> None:
    before = script.cookie
    assert refresh(script) == (403, "csrf_failed")
    assert script.cookie == before
    answer = script.send("POST", "/auth/token/refresh/", X_Token_Transport="cookie", X_CSRFToken=script.csrf)
    assert (answer.status_code, answer["X-Refresh"], set(answer.json())) == (200, "rotated", PAIR)
    assert script.cookie not in {"", before}
    assert Device.objects.get().counter == 0


def test_refresh_without_a_cookie_or_of_an_ended_device_is_refused(script: Browser) -> None:
    stranger = Browser()
    stranger.get("/account/sign-in/")
    assert refresh(stranger, X_CSRFToken=stranger.csrf) == (401, "token_invalid")
    Device.objects.update(revoked_at="2026-01-01T00:00:00Z")
    assert refresh(script, X_CSRFToken=script.csrf) == (401, "device_revoked")


def test_revoke_ends_the_device_with_the_csrf_token(script: Browser) -> None:
    assert script.send("POST", "/auth/token/revoke/", X_Token_Transport="cookie").status_code == 403
    assert Device.objects.get().revoked_at is None
    done = script.send("POST", "/auth/token/revoke/", X_Token_Transport="cookie", X_CSRFToken=script.csrf)
    assert (done.status_code, done.content, script.cookie) == (204, b"", "")
    assert Device.objects.get().ended_because == "signed_out"
    assert script.send("GET", "/api/v1/me/").status_code == 401


def test_bearer_client_gets_no_cookie(app: App) -> None:
    assert app.http.cookies == {}
    assert app.rotate().cookies == {}
    assert app.refresh.startswith("rt1.")


def test_header_wins_over_the_cookie_only_when_both_are_one_person(script: Browser, app: App, bobs_app: App) -> None:
    mine = script.send("GET", "/api/v1/me/", Authorization=f"Bearer {app.access}")
    assert (mine.status_code, mine.json()["email"]) == (200, "alice@example.com")
    both = script.send("GET", "/api/v1/me/", Authorization=f"Bearer {bobs_app.access}")
    assert (both.status_code, both.json()["code"]) == (400, "ambiguous_credentials")


@pytest.mark.parametrize("transport", ["Cookie", "COOKIE", "cookie"])
def test_transport_is_read_in_any_case(alice: User, transport: str) -> None:
    browser = Browser()
    browser.send("POST", "/auth/token/", {"email": alice.email, "password": PASSWORD}, X_Token_Transport=transport)
    assert browser.cookie


def test_refresh_token_in_the_body_of_a_cookie_request_is_not_used(script: Browser, app: App) -> None:
    headers = {"X_Token_Transport": "cookie", "X_CSRFToken": script.csrf}
    script.send("POST", "/auth/token/revoke/", {"refresh": app.refresh}, **headers)
    assert Device.objects.get(pk=app.device).revoked_at is None
    assert json.loads(app.get("/api/v1/me/").content)["email"] == "alice@example.com"
