"""The browsable API shows what its very reader may do, and no more (SECURITY A-14)."""

from typing import Any

import pytest

from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.support import forge
from tests.support.app import App
from tests.support.browser import Browser

HTML = {"Accept": "text/html"}


def page(answer: Any) -> str:
    assert answer["Content-Type"].startswith("text/html")
    text: str = answer.content.decode()
    return text.partition('<section class="card answer"')[2]


@pytest.fixture
def writer(alice: User) -> App:
    """May write the profile and not read it."""
    app = App()
    app.sign_in(alice.email, scope="profile:write")
    return app


def test_A14_refused_write_shows_no_data_that_reading_would_not(writer: App, app: App, alice: User) -> None:
    for body in ({"name": 12}, {"nothing": 1}):
        answer = writer.patch("/api/v1/me/", body, **HTML)
        assert answer.status_code == 400
        assert alice.email not in page(answer)
    assert alice.email in page(app.get("/api/v1/me/", **HTML))


def test_A14_forms_are_those_of_allowed_methods(alice: User, app: App) -> None:
    reader = App()
    reader.sign_in(alice.email, scope="profile:read")
    assert 'data-method="PATCH"' in page(app.get("/api/v1/me/", **HTML))
    assert 'data-method="PATCH"' not in page(reader.get("/api/v1/me/", **HTML))


def test_A14_directory_offers_making_people_to_those_who_may(app: App, manager: App) -> None:
    assert 'data-method="POST"' not in page(app.get("/api/v1/users/", **HTML))
    assert 'data-method="POST"' in page(manager.get("/api/v1/users/", **HTML))


def test_A14_extra_actions_are_those_that_may_be_called(manager: App, app: App, alice: User) -> None:
    path = f"/api/v1/users/{alice.id}/"
    shown, hidden = (caller.get(path, **HTML).content.decode() for caller in (manager, app))
    assert f"{path}disable/" in shown
    assert f"{path}disable/" not in hidden


def test_A14_old_proof_hides_nothing_and_the_answer_says_why(manager: App, alice: User) -> None:
    proved_long_ago(manager)
    path = f"/api/v1/users/{alice.id}/disable/"
    assert 'data-method="POST"' in page(manager.get(path, **HTML))
    assert "insufficient_user_authentication" in page(manager.post(path, **HTML))


@pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/me/", "/api/v1/users/", "/api/v1/groups/", "/api/v1/me/password/"])
def test_page_of_a_stranger_and_of_a_dead_token_says_401(app: App, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer junk"}, {"Authorization": f"Bearer {forge.altered(app.access)}"}):
        answer = App().http.get(path, headers={**HTML, **headers})
        assert answer.status_code == 401
        assert "WWW-Authenticate" in answer
        assert "data-method" not in page(answer)


def test_every_page_of_the_api_is_shown(root_app: App, alice: User) -> None:
    for path in ("/api/v1/", "/api/v1/me/", "/api/v1/me/access/", "/api/v1/me/devices/", "/api/v1/users/", "/api/v1/groups/"):
        assert root_app.get(path, **HTML).status_code == 200
    assert root_app.get(f"/api/v1/users/{alice.id}/", **HTML).status_code == 200
    assert root_app.get("/api/v1/users/01890a5d-ac96-774b-bcce-b302099a8057/", **HTML).status_code == 404
    assert root_app.get("/api/v1/users/?ordering=password", **HTML).status_code == 400


def test_page_of_a_long_list_leads_to_the_next_and_back(root_app: App, alice: User) -> None:
    first = page(root_app.get("/api/v1/users/?page_size=1", **HTML))
    assert ('rel="next"' in first, 'rel="prev"' in first) == (True, False)
    following = root_app.get("/api/v1/users/?page_size=1").json()["next"].removeprefix("http://testserver")
    second = page(root_app.get(following, **HTML))
    assert ('rel="next"' in second, 'rel="prev"' in second) == (False, True)
    assert 'rel="' not in page(root_app.get("/api/v1/users/", **HTML))


def test_browser_changes_its_name_with_the_csrf_token_and_not_without(alice: User) -> None:
    browser = Browser()
    browser.sign_in(alice.email)
    assert browser.send("PATCH", "/api/v1/me/", {"name": "Mallory"}).json()["code"] == "csrf_failed"
    assert browser.send("PATCH", "/api/v1/me/", {"name": "Alicia"}, X_CSRFToken=browser.csrf).json()["name"] == "Alicia"


def test_page_asks_the_database_little(root_app: App, django_assert_max_num_queries: Any) -> None:
    root_app.get("/api/v1/users/", **HTML)
    with django_assert_max_num_queries(6):
        root_app.get("/api/v1/users/", **HTML)
