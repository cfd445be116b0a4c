"""A cookie alone changes nothing: every unsafe request that rests on it needs the CSRF token and the right origin."""

import json

import pytest
from django.test import Client

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import PASSWORD
from tests.support.browser import Browser, paths, rows

FORMS = ["/account/sign-out/", "/account/security/sign-out-others/", "/account/reset/", "/admin/accounts/signingkey/rotate/"]
COOKIE_API = ["/auth/token/refresh/", "/auth/token/revoke/"]
GUARDED_API = [("PATCH", "/api/v1/me/"), ("POST", "/api/v1/me/devices/revoke-others/"), ("POST", "/api/v1/links/")]
ORIGINS = ["https://evil.example", "null", "http://testserver.evil.example", "https://testserver", "http://testserver:81"]


def live() -> int:
    return Device.objects.filter(revoked_at=None).count()


@pytest.mark.parametrize("path", FORMS)
def test_C02_form_without_the_token_is_refused(roots: Browser, path: str) -> None:
    answer = roots.http.post(path, {})
    assert answer.status_code == 403
    assert b"csrf_failed" in answer.content or b"form" in answer.content
    assert live() == 1


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_C02_form_from_another_origin_is_refused(roots: Browser, path: str, origin: str) -> None:
    assert roots.post(path, Origin=origin).status_code == 403
    assert live() == 1


@pytest.mark.parametrize("path", COOKIE_API)
def test_C02_cookie_endpoint_without_the_token_is_refused(alices: Browser, path: str) -> None:
    refused = alices.send("POST", path, X_Token_Transport="cookie")
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed")
    assert live() == 1
    assert alices.send("POST", path, X_Token_Transport="cookie", X_CSRFToken=alices.csrf).status_code in {200, 204}


@pytest.mark.parametrize(("method", "path"), GUARDED_API)
def test_C02_api_call_by_cookie_without_the_token_is_refused(alices: Browser, method: str, path: str) -> None:
    assert alices.send(method, path).json()["code"] == "csrf_failed"
    assert alices.send(method, path, X_CSRFToken="x" * 64).json()["code"] == "csrf_failed"
    assert alices.send(method, path, X_CSRFToken=alices.csrf, Origin="https://evil.example").json()["code"] == "csrf_failed"
    assert "csrf_failed" not in alices.send(method, path, X_CSRFToken=alices.csrf).content.decode()


def test_C03_junk_header_does_not_lift_the_csrf_check(alices: Browser) -> None:
    for header in ("Bearer junk", "Bearer ", "Bearer a.b.c", "Basic YTpi", "junk"):
        answer = alices.send("PATCH", "/api/v1/me/", {"name": "Mallory"}, Authorization=header)
        assert answer.status_code in {401, 403}, header
    assert User.objects.get().name == "Alice"
    done = alices.send("PATCH", "/api/v1/me/", {"name": "Alicia"}, X_CSRFToken=alices.csrf)
    assert (done.status_code, User.objects.get().name) == (200, "Alicia")


@pytest.mark.parametrize("origin", ORIGINS)
def test_C04_sign_in_from_another_origin_sets_no_cookie(alice: User, stranger: Browser, origin: str) -> None:
    fields = {"email": alice.email, "password": PASSWORD}
    refused = stranger.post("/account/sign-in/", fields, Origin=origin)
    assert (refused.status_code, stranger.cookie) == (403, "")
    assert stranger.post("/account/sign-in/", fields, Origin="http://testserver").status_code == 303


@pytest.mark.parametrize("origin", ORIGINS)
def test_C04_cookie_transport_from_another_origin_is_refused(alice: User, origin: str) -> None:
    body = json.dumps({"email": alice.email, "password": PASSWORD})
    headers = {"X-Token-Transport": "cookie", "Origin": origin}
    answer = Client().post("/auth/token/", body, "application/json", headers=headers)
    assert (answer.status_code, answer.json()["code"], dict(answer.cookies)) == (403, "origin_not_allowed", {})


def test_C04_form_cannot_ask_for_cookies(alice: User) -> None:
    answer = Client().post("/auth/token/", {"email": alice.email, "password": PASSWORD}, headers={"X-Token-Transport": "cookie"})
    assert (answer.status_code, dict(answer.cookies)) == (415, {})


def test_C05_getting_the_sign_out_page_signs_nobody_out(alices: Browser) -> None:
    for path in ("/account/sign-out/", "/admin/logout/"):
        alices.get(path)
    alices.http.head("/account/sign-out/")
    assert live() == 1
    assert alices.post("/account/sign-out/").status_code == 200
    assert (live(), alices.cookie) == (0, "")


def test_C06_json_in_another_content_type_is_refused(alice: User, alices: Browser) -> None:
    body = json.dumps({"email": alice.email, "password": PASSWORD})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonp"):
        for path in ("/auth/token/", "/auth/token/refresh/", "/auth/token/revoke/", "/auth/token/verify/"):
            assert Client().post(path, body, kind).status_code == 415, (kind, path)
        answer = alices.http.generic("PATCH", "/api/v1/me/", body, kind, headers={"X-CSRFToken": alices.csrf})
        assert answer.status_code == 415, kind


def test_C08_csrf_token_changes_at_sign_in(alice: User, stranger: Browser) -> None:
    before = stranger.csrf
    stranger.post("/account/sign-in/", {"email": alice.email, "password": PASSWORD})
    assert before
    assert stranger.csrf not in {"", before}


def test_C08_token_from_before_sign_in_is_worthless(alice: User, stranger: Browser) -> None:
    old = stranger.csrf
    stranger.post("/account/sign-in/", {"email": alice.email, "password": PASSWORD})
    assert stranger.http.post("/account/sign-out/", {"csrfmiddlewaretoken": old}).status_code == 403


# What anybody may ask for with an empty body; no cookie is looked at.
NO_CREDENTIAL = {"/auth/guest/", "/auth/passkeys/authenticate/options/", "/auth/federated/google/nonce/"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_C02_no_path_acts_on_a_cookie_alone(roots: Browser, alice: User, method: str) -> None:
    before = rows()
    for path in set(paths()) - NO_CREDENTIAL:
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            answer = roots.http.generic(method, path, b"{}", kind)
            assert answer.status_code >= 400, path
    assert rows() == before
