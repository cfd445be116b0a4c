"""A cookie alone changes nothing: every unsafe request that rests on it needs the CSRF token and the right origin."""

import json
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from rest_framework.views import APIView

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Answer, Browser, paths, rows

HERE, ELSEWHERE = "http://testserver", "https://evil.example"
FORMS = ["/account/sign-out/", "/account/security/sign-out-others/", "/account/reset/", "/admin/accounts/signingkey/rotate/"]
COOKIE_API = ["/auth/token/refresh/", "/auth/token/revoke/"]
GUARDED_API = [("PATCH", "/api/v1/me/"), ("POST", "/api/v1/me/devices/revoke-others/"), ("POST", "/api/v1/links/")]
ORIGINS = [ELSEWHERE, "null", "http://testserver.evil.example", "https://testserver", "http://testserver:81"]


def live() -> int:
    return Device.objects.filter(revoked_at=None).count()


def is_refused(answer: Answer) -> bool:
    """By the check against forged requests, and by nothing else."""
    if answer.status_code != 403:
        return False
    if answer["Content-Type"] == "application/json":
        return answer.json()["code"] in {"csrf_failed", "origin_not_allowed"}
    return "This form is too old or came from elsewhere" in answer.content.decode()


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("origin", ORIGINS)
def test_C02_form_from_another_origin_is_refused(roots: Browser, path: str, origin: str) -> None:
    assert is_refused(roots.post(path, Origin=origin))
    assert live() == 1
    assert not is_refused(roots.post(path, Origin=HERE))


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
    assert alices.send(method, path, X_CSRFToken=alices.csrf, Origin=ELSEWHERE).json()["code"] == "csrf_failed"
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
    assert stranger.post("/account/sign-in/", fields, Origin=HERE).status_code == 303


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


@pytest.mark.parametrize("where", ["the page", "the endpoint"])
def test_C08_csrf_token_changes_at_a_step_up(alices: Browser, where: str) -> None:
    before = alices.csrf
    if where == "the page":
        assert alices.post("/account/confirm/", {"method": "password", "code": PASSWORD}).status_code == 303
    else:
        answer = alices.send("POST", "/auth/step-up/", {"password": PASSWORD}, X_CSRFToken=before)
        assert answer.status_code == 200
        # A script of another origin reads the new one here.
        assert alices.send("PATCH", "/api/v1/me/", X_CSRFToken=answer.headers["X-CSRFToken"]).status_code == 200
    assert alices.csrf not in {"", before}
    assert alices.send("PATCH", "/api/v1/me/", X_CSRFToken=before).status_code == 403
    assert alices.send("PATCH", "/api/v1/me/", X_CSRFToken=alices.csrf).status_code == 200


def test_C08_step_up_that_failed_changes_nothing(alices: Browser) -> None:
    before = alices.csrf
    assert alices.post("/account/confirm/", {"method": "password", "code": "wrong password"}).status_code == 400
    assert alices.send("POST", "/auth/step-up/", {"password": "wrong password"}, X_CSRFToken=before).status_code == 401
    assert alices.csrf == before


def test_app_gets_no_csrf_token_at_a_step_up(app: App) -> None:
    answer = app.post("/auth/step-up/", {"password": PASSWORD})
    assert (answer.status_code, "X-CSRFToken" in answer.headers, answer.cookies) == (200, False, {})


FILLED = {"id": "01890a5d-ac96-774b-bcce-b302099a8057", "name": "Editors", "provider": "google"}


def operations() -> Iterator[tuple[str, str, bool]]:
    """Method and path of every unsafe operation of the OpenAPI document, and whether it may rest on a cookie."""
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items():
        for method, operation in methods.items():
            if method != "get":
                yield method.upper(), path.format(**FILLED), any("cookie" in way for way in operation["security"])


OPERATIONS = list(operations())
BY_COOKIE = [("" if path.startswith("/api/") else "cookie", method, path) for method, path, by_cookie in OPERATIONS if by_cookie]
# The client chooses: with this header they take the cookie in place of the refresh token in the body.
BY_CHOICE = [("cookie", "POST", path) for path in COOKIE_API]
NO_CREDENTIAL = [path for _, path, by_cookie in OPERATIONS if not by_cookie and path not in COOKIE_API]
PAGES = [path for path in paths() if not issubclass(getattr(resolve(path).func, "cls", object), APIView)]
# Pages that take a form from elsewhere, and why they may.
EXEMPT = {
    "/auth/nothing-here/": "404, whatever is asked",
    **dict.fromkeys(
        ("/oauth/authorize", "/oauth/logout"), "posted by other sites; it does nothing, and leads to the same question by GET"
    ),
}


def unforgeable(browser: Browser, ask: Callable[..., Answer]) -> None:
    """Refused without the token, with a made-up one, and from elsewhere; taken with the token from here."""
    before = rows()
    assert is_refused(ask())
    assert is_refused(ask(X_CSRFToken="x" * 64))
    assert is_refused(ask(X_CSRFToken=browser.csrf, Origin=ELSEWHERE))
    assert rows() == before
    assert not is_refused(ask(X_CSRFToken=browser.csrf, Origin=HERE))


@pytest.mark.parametrize(("transport", "method", "path"), [*BY_COOKIE, *BY_CHOICE])
def test_C02_every_unsafe_path_wants_the_token_and_the_origin(roots: Browser, transport: str, method: str, path: str) -> None:
    chosen = {"X_Token_Transport": transport} if transport else {}
    unforgeable(roots, lambda **headers: roots.send(method, path, {}, **chosen, **headers))


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in PAGES if path not in EXEMPT])
def test_C02_every_page_wants_the_token_and_the_origin(roots: Browser, path: str) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        assert is_refused(roots.http.generic(method, path)), method
    unforgeable(roots, lambda **headers: roots.forge(path, **headers))


@pytest.mark.slow
@pytest.mark.parametrize("path", [path for path in PAGES if path not in EXEMPT])
def test_O32_no_redirect_repeats_what_was_posted(roots: Browser, path: str) -> None:
    """Ours say 303, the stock admin's 302; 307 and 308 would send a password on."""
    status = roots.forge(path, X_CSRFToken=roots.csrf).status_code
    assert status not in {301, 307, 308}
    assert status // 100 != 3 or status == 303 or path.startswith("/admin/")


def test_O32_a_right_password_is_answered_with_303(alice: User, stranger: Browser) -> None:
    answer = stranger.post("/account/sign-in/", {"email": alice.email, "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (303, "/account/security/")


def test_C02_pages_that_skip_the_check_are_listed() -> None:
    assert {path for path in PAGES if getattr(resolve(path).func, "csrf_exempt", False)} == set(EXEMPT)


@pytest.mark.parametrize("path", NO_CREDENTIAL)
def test_C02_where_no_credential_counts_the_cookie_changes_nothing(roots: Browser, path: str) -> None:
    """They need no token because they know nobody: the cookie of a superuser is as good as none."""
    with_cookie, without = roots.send("POST", path), Client().post(path, {}, "application/json")
    assert not is_refused(with_cookie)
    assert (with_cookie.status_code, of_its_own(with_cookie)) == (without.status_code, of_its_own(without))


def of_its_own(answer: Answer) -> object:
    """What does not differ from one asking to the next."""
    body = answer.json() if answer.content else {}
    return body if answer.status_code >= 400 else sorted(body)


# What anybody may ask for with an empty body.
FOR_ANYBODY = {"/auth/guest/", "/auth/passkeys/authenticate/options/", "/oauth/authorize", "/oauth/logout"}


@pytest.mark.slow
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_C02_no_path_acts_on_a_cookie_alone(roots: Browser, alice: User, method: str) -> None:
    """With methods that the document does not know, too."""
    before = rows()
    for path in set(paths()) - FOR_ANYBODY:
        for kind in ("application/json", "application/x-www-form-urlencoded"):
            answer = roots.http.generic(method, path, b"{}", kind)
            assert answer.status_code >= 400, path
    assert rows() == before
