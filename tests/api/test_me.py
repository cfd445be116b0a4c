"""/api/v1/me/: oneself, one's password, one's devices (SECURITY P-18, P-19, R-27)."""

import pytest

from accounts.devices.models import Device
from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.news import news_is_due

NEW = "another good passphrase"


def test_profile_says_who_one_is(app: App, alice: User) -> None:
    body = app.get("/api/v1/me/").json()
    assert (body["id"], body["email"], body["name"]) == (str(alice.id), alice.email, "Alice")
    assert body["groups"] == []
    assert not {"password", "epoch", "last_login"} & body.keys()


def test_own_name_can_be_changed_and_emptied(app: App) -> None:
    assert [app.patch("/api/v1/me/", {"name": name}).json()["name"] for name in ("Alicia", "")] == ["Alicia", ""]


def test_change_of_nothing_changes_nothing(app: App) -> None:
    assert app.patch("/api/v1/me/", {}).json()["name"] == "Alice"


def test_P18_password_change_ends_the_other_devices_and_keeps_this_one(app: App, alice: User) -> None:
    other = signed_in(alice)
    answer = app.post("/api/v1/me/password/", {"current_password": PASSWORD, "new_password": NEW})
    assert (answer.status_code, answer.content) == (204, b"")
    assert Device.objects.get(id=other.device).ended_because == Device.Ended.PASSWORD_CHANGED
    news_is_due()
    assert [other.rotate().json()["code"], app.get("/api/v1/me/").json()["code"]] == ["device_revoked", "token_stale"]
    assert app.rotate().status_code == 200
    assert app.get("/api/v1/me/").status_code == 200
    assert App().sign_in(alice.email).status_code == 401
    assert App().sign_in(alice.email, NEW).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"current_password": "wrong", "new_password": NEW}, "current_password", "invalid_credentials"),
        ({"current_password": PASSWORD, "new_password": "short"}, "new_password", "password_too_short"),
        ({"current_password": PASSWORD, "new_password": "alice@example.com"}, "new_password", "password_is_own_word"),
        ({"current_password": PASSWORD}, "new_password", "required"),
        ({"current_password": PASSWORD, "new_password": 123456789012}, "new_password", "invalid"),
    ],
)
def test_P19_password_change_says_what_is_wrong(app: App, alice: User, body: dict[str, str], field: str, code: str) -> None:
    answer = app.post("/api/v1/me/password/", body)
    assert answer.status_code == 400
    assert answer.json()["errors"][field][0]["code"] == code
    assert App().sign_in(alice.email).status_code == 200


def test_password_change_counts_wrong_tries(app: App) -> None:
    wrong = {"current_password": "wrong", "new_password": NEW}
    answers = [app.post("/api/v1/me/password/", wrong) for _ in range(12)]
    assert {answer.status_code for answer in answers} == {400, 429}
    assert int(answers[-1]["Retry-After"]) > 0


def test_R27_ending_another_device_wants_a_fresh_proof(app: App, alice: User) -> None:
    other = signed_in(alice)
    proved_long_ago(app)
    refused = app.delete(f"/api/v1/me/devices/{other.device}/")
    assert (refused.status_code, refused.json()["code"]) == (401, "insufficient_user_authentication")
    assert refused["WWW-Authenticate"] == 'Bearer realm="api", error="insufficient_user_authentication", max_age="900"'
    assert Device.objects.get(id=other.device).revoked_at is None
    fresh = signed_in(alice)
    assert fresh.delete(f"/api/v1/me/devices/{other.device}/").status_code == 204


def test_R27_ending_all_others_wants_a_fresh_proof(app: App, alice: User) -> None:
    signed_in(alice)
    proved_long_ago(app)
    assert app.post("/api/v1/me/devices/revoke-others/").json()["code"] == "insufficient_user_authentication"
    assert Device.objects.filter(revoked_at=None).count() == 2
    fresh = signed_in(alice)
    assert fresh.post("/api/v1/me/devices/revoke-others/").json() == {"revoked": 2}
    assert fresh.post("/api/v1/me/devices/revoke-others/").json() == {"revoked": 0}


def test_R27_ending_oneself_wants_none(app: App) -> None:
    proved_long_ago(app)
    assert app.delete(f"/api/v1/me/devices/{app.device}/").status_code == 204
    assert Device.objects.get(id=app.device).ended_because == Device.Ended.SIGNED_OUT


def test_ended_device_is_no_longer_there(app: App, alice: User) -> None:
    other = signed_in(alice)
    path = f"/api/v1/me/devices/{other.device}/"
    assert [app.delete(path).status_code for _ in range(2)] == [204, 404]


def test_access_lists_what_this_token_opens(app: App, root_app: App) -> None:
    body = app.get("/api/v1/me/access/").json()
    opened = {(route["method"], route["path"]) for route in body["routes"]}
    assert ("GET", "/api/v1/me/") in opened
    assert ("POST", "/api/v1/groups/") not in opened
    assert len(root_app.get("/api/v1/me/access/").json()["routes"]) > len(opened)


def test_access_of_a_narrow_token_is_narrow(alice: User) -> None:
    app = App()
    app.sign_in(alice.email, scope="devices:read")
    body = app.get("/api/v1/me/access/").json()
    assert body["scope"] == "devices:read"
    assert {route["path"] for route in body["routes"]} == {"/api/v1/", "/api/v1/me/access/", "/api/v1/me/devices/"}


def test_access_tells_the_truth(manager: App) -> None:
    for route in manager.get("/api/v1/me/access/").json()["routes"]:
        if route["method"] == "GET" and "{" not in route["path"]:
            assert manager.get(route["path"]).status_code == 200


def test_root_lists_what_this_token_reads(app: App, manager: App) -> None:
    assert set(app.get("/api/v1/").json()) == {
        *("me", "me/access", "me/devices", "me/export", "me/identities", "me/passkeys", "users"),
    }
    assert manager.get("/api/v1/").json()["groups"] == "http://testserver/api/v1/groups/"
