"""/api/v1/me/passkeys/: one's own, with a fresh proof (SECURITY P-10), nobody else's."""

import time
from typing import Any

import pytest
from django.http import HttpResponse

from accounts.devices.models import Device
from accounts.mfa.models import Authenticator as TotpAuthenticator
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser

PATH = "/api/v1/me/passkeys/"
SOMEBODYS = f"{PATH}01890a5d-ac96-774b-bcce-b302099a8057/"


def added(app: App, authenticator: Authenticator | None = None, **fields: Any) -> HttpResponse:
    asked = app.post(f"{PATH}options/").json()
    credential = (authenticator or Authenticator()).create(asked["publicKey"])
    return app.post(PATH, {"challenge": asked["challenge"], "credential": credential, **fields})


def proved(app: App, *, seconds_ago: int) -> App:
    Device.objects.filter(id=app.device).update(auth_time=int(time.time()) - seconds_ago)
    app.rotate()
    return app


def test_passkey_is_added_listed_renamed_and_removed(app: App, alice: User) -> None:
    made = added(app, name="My phone")
    assert made.status_code == 201
    row = made.json()
    assert row.keys() == {"id", "name", "provider", "created_at", "last_used_at", "backed_up"}
    assert (row["name"], row["provider"], row["last_used_at"], row["backed_up"]) == ("My phone", "", None, False)
    assert app.get(PATH).json() == {"next": None, "previous": None, "results": [row]}
    renamed = app.patch(f"{PATH}{row['id']}/", {"name": "Old phone"})
    assert (renamed.status_code, renamed.json()) == (200, {**row, "name": "Old phone"})
    assert app.delete(f"{PATH}{row['id']}/").status_code == 204
    assert app.get(PATH).json()["results"] == []


def test_newest_comes_first_on_pages(app: App) -> None:
    names = [added(app, name=f"key {number}").json()["name"] for number in range(3)]
    first = app.get(f"{PATH}?page_size=2").json()
    rest = app.get(first["next"].removeprefix("http://testserver")).json()
    assert [row["name"] for row in first["results"] + rest["results"]] == names[::-1]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("post", f"{PATH}options/", {}), ("post", PATH, {"challenge": "x", "credential": {}}), ("delete", SOMEBODYS, None)],
)
def test_P10_adding_and_removing_want_a_proof_of_the_last_minutes(app: App, method: str, path: str, body: Any) -> None:
    def answer() -> HttpResponse:
        return app.delete(path) if method == "delete" else app.post(path, body)

    assert answer().json().get("code") != "insufficient_user_authentication"
    proved(app, seconds_ago=400)
    refused = answer()
    assert (refused.status_code, refused.json()["code"]) == (401, "insufficient_user_authentication")
    assert 'max_age="300"' in refused["WWW-Authenticate"]
    proved(app, seconds_ago=200)
    assert answer().json().get("code") != "insufficient_user_authentication"


def test_P10_who_has_an_authenticator_app_must_have_shown_it(app: App, alice: User) -> None:
    assert app.post(f"{PATH}options/").status_code == 200
    TotpAuthenticator.objects.create(user=alice, secret_encrypted="x", confirmed_at="2026-01-01T00:00Z")
    refused = app.post(f"{PATH}options/")
    assert (refused.status_code, refused.json()["acr_values"]) == (401, "aal2")


def test_P10_looking_and_renaming_want_none(app: App) -> None:
    row = added(app).json()
    proved(app, seconds_ago=400)
    assert app.get(PATH).json()["results"] == [row]
    assert app.patch(f"{PATH}{row['id']}/", {"name": "x"}).status_code == 200


def test_P10_a_stolen_token_cannot_use_a_challenge_made_before(app: App) -> None:
    asked = app.post(f"{PATH}options/").json()
    proved(app, seconds_ago=400)
    credential = Authenticator().create(asked["publicKey"])
    refused = app.post(PATH, {"challenge": asked["challenge"], "credential": credential})
    assert refused.json()["code"] == "insufficient_user_authentication"


def test_P14_a_challenge_is_of_its_asker_and_good_once(app: App, bobs_app: App) -> None:
    asked = app.post(f"{PATH}options/").json()
    body = {"challenge": asked["challenge"], "credential": Authenticator().create(asked["publicKey"])}
    stolen = bobs_app.post(PATH, body)
    assert (stolen.status_code, stolen.json()["code"]) == (401, "challenge_invalid")
    assert app.post(PATH, body).status_code == 201
    assert app.post(PATH, body).json()["code"] == "challenge_invalid"
    assert bobs_app.get(PATH).json()["results"] == []


def test_P14_a_browser_needs_its_csrf_token(alice: User) -> None:
    browser = Browser()
    browser.sign_in(alice.email)
    assert browser.send("POST", f"{PATH}options/", {}).status_code == 403
    assert browser.send("POST", f"{PATH}options/", {}, X_CSRFToken=browser.csrf).status_code == 200


def test_P15_a_passkey_of_somebody_is_refused_without_saying_whose(app: App, bobs_app: App) -> None:
    authenticator = Authenticator()
    assert added(app, authenticator).status_code == 201
    taken, own = added(bobs_app, authenticator), added(app, authenticator)
    assert taken.status_code == own.status_code == 400
    assert taken.json() == own.json() == {"code": "invalid_credential", "detail": "The passkey could not be checked."}


def test_somebody_elses_passkey_does_not_exist(app: App, bobs_app: App) -> None:
    path = f"{PATH}{added(app).json()['id']}/"
    assert [bobs_app.patch(path, {"name": "x"}).status_code, bobs_app.delete(path).status_code] == [404, 404]
    assert app.get(PATH).json()["results"][0]["name"] == "Passkey"


def test_P17_the_last_way_in_cannot_be_removed(app: App, alice: User) -> None:
    paths = [f"{PATH}{added(app).json()['id']}/" for _ in range(2)]
    User.objects.filter(id=alice.id).update(email=None, password="!")
    assert app.delete(paths[0]).status_code == 204
    refused = app.delete(paths[1])
    assert (refused.status_code, refused.json()["code"]) == (409, "last_factor")
    assert len(app.get(PATH).json()["results"]) == 1


def test_twenty_are_enough(app: App, alice: User) -> None:
    for _ in range(20):
        assert added(app).status_code == 201
    refused = app.post(f"{PATH}options/")
    assert (refused.status_code, refused.json()["code"]) == (400, "too_many_passkeys")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"credential": {}}, "invalid_credential"),
        ({"credential": {"id": 5}}, "invalid_credential"),
        ({"credential": {"id": "aa", "rawId": "aa", "response": [], "type": "public-key"}}, "invalid_credential"),
        ({"credential": {"id": "aa", "response": {"clientDataJSON": "A" * 50_000}}}, "invalid_credential"),
        ({"credential": []}, "invalid"),
        ({"credential": None}, "invalid"),
        ({"credential": "text"}, "invalid"),
        ({"challenge": 5}, "invalid"),
        ({"challenge": ""}, "invalid"),
        ({"challenge": "junk"}, "challenge_invalid"),
        ({"name": "x" * 101}, "invalid"),
        ({"name": "two\nlines"}, "invalid"),
        ({"more": 1}, "invalid"),
    ],
)
def test_P13_nonsense_is_answered_and_never_a_fault(app: App, change: dict[str, Any], code: str) -> None:
    asked = app.post(f"{PATH}options/").json()
    honest = {"challenge": asked["challenge"], "credential": Authenticator().create(asked["publicKey"])}
    refused = app.post(PATH, {**honest, **change})
    assert (refused.status_code, refused.json()["code"]) == (401 if code == "challenge_invalid" else 400, code)
    assert added(app).status_code == 201


def test_a_reader_changes_nothing(alice: User) -> None:
    reader = App()
    assert reader.sign_in(alice.email, scope="profile:read").status_code == 200
    assert reader.get(PATH).status_code == 200
    assert reader.post(f"{PATH}options/").json()["required_scope"] == "profile:write"
    assert signed_in(alice).post(f"{PATH}options/").status_code == 200
