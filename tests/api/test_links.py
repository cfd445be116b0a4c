"""One-use links: one GET, once, within a minute, with the powers of whoever asked (SECURITY L-16)."""

import time

import pytest
from django.test import Client

from accounts.audit.models import AuditEvent
from accounts.revocations import feed
from accounts.tokens import claims
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser

ORIGIN = "http://testserver"


def made(app: App, path: str = "/api/v1/me/") -> str:
    answer = app.post("/api/v1/links/", {"path": path})
    assert answer.status_code == 201, answer.content
    assert answer.json()["expires_in"] == 60
    url: str = answer.json()["url"]
    assert url.startswith(ORIGIN + path)
    return url.removeprefix(ORIGIN)


def test_link_opens_its_path_once_without_a_header(app: App, alice: User) -> None:
    link = made(app)
    first, second = Client().get(link), Client().get(link)
    assert (first.status_code, first.json()["email"]) == (200, alice.email)
    assert (second.status_code, second.json()["code"]) == (401, "token_invalid")
    assert AuditEvent.objects.filter(event="download_link.issued", subject_id=alice.id).count() == 1


def test_link_keeps_the_query_it_was_made_for(app: App) -> None:
    link = made(app, "/api/v1/me/devices/?page_size=1")
    assert Client().get(link.replace("page_size=1", "page_size=2")).status_code == 401
    assert Client().get(link).status_code == 200


def test_L16_link_opens_nothing_else(app: App) -> None:
    link = made(app)
    token = link.partition("link=")[2]
    for path in ("/api/v1/me/access/", "/api/v1/me/devices/", "/api/v1/users/", "/api/v1/"):
        assert Client().get(f"{path}?link={token}").status_code == 401
    for method in ("HEAD", "POST", "PATCH", "DELETE", "OPTIONS"):
        assert Client().generic(method, link).status_code in {401, 405}
    assert Client().get(link).status_code == 200


def test_L16_link_dies_with_its_device(app: App) -> None:
    link, spare = made(app), made(app)
    assert Client().get(spare).status_code == 200
    app.delete(f"/api/v1/me/devices/{app.device}/")
    feed.forget()
    assert Client().get(link).json()["code"] == "device_revoked"


def test_L16_link_dies_after_a_minute(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    link, spare = made(app), made(app)
    assert Client().get(spare).status_code == 200
    monkeypatch.setattr(claims, "now", lambda: int(time.time()) + 61)
    assert Client().get(link).json()["code"] == "token_expired"


def test_link_has_no_more_powers_than_its_maker(alice: User) -> None:
    app = App()
    app.sign_in(alice.email, scope="links:write profile:read")
    assert Client().get(made(app)).status_code == 200
    refused = app.post("/api/v1/links/", {"path": "/api/v1/me/devices/"})
    assert refused.json()["errors"]["path"][0]["code"] == "permission_denied"


def test_link_outweighs_the_cookie_of_another_person(app: App, alice: User, bob: User) -> None:
    browser = Browser()
    browser.sign_in(bob.email)
    link = made(app)
    assert browser.get(link, Accept="application/json").json()["email"] == alice.email
    assert browser.get("/api/v1/me/", Accept="application/json").json()["email"] == bob.email


def test_link_beside_a_token_is_refused(app: App) -> None:
    link = made(app)
    assert app.get(link).status_code == 400
    assert Client().get(link).status_code == 200


@pytest.mark.parametrize("parameter", ["xlink", "LINK", "link[]", "links"])
def test_other_parameters_are_no_links(app: App, parameter: str) -> None:
    assert Client().get(f"/api/v1/me/?{parameter}=x").status_code == 401
    assert app.get(f"/api/v1/me/?{parameter}=x").status_code == 400


@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/admin/", "/auth/token/", "/api/schema/", "/api/docs/", "/api/v1/", "/api/v1/links/", "/api/v1/users/"),
        *("api/v1/me/", "//evil.example/api/v1/me/", "https://evil.example/api/v1/me/", "/api/v1/me", "/api/v1/nothing/"),
        *(
            "/api/v1/me/../users/",
            "/api/v1/%6de/",
            "/api/v1/me/#x",
            "/api/v1/me/\\",
            "/api/v1/me/?link=x",
            "/api/v1/me/password/",
        ),
        *("javascript:alert(1)", "/api/v1/me/\r\nX: y", "[", "http://[/api/v1/me/", "/api/v1/me/" + "a" * 500),
    ],
)
def test_only_own_get_paths_get_a_link(app: App, path: str) -> None:
    refused = app.post("/api/v1/links/", {"path": path})
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["path"]
