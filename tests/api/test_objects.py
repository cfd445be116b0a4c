"""Somebody else's objects do not exist (SECURITY B-01, B-09, R-17)."""

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse

from accounts.core.requests import NOWHERE
from accounts.federation import identities
from accounts.federation.id_token import Identity
from accounts.passkeys.models import Passkey
from accounts.users.models import User
from api import routes
from tests.support.app import App
from tests.support.browser import rows
from tests.support.ways import passkey_of

from .test_rules import SOMEBODY, by_name

OBJECT_ROUTES = [route for route in routes.guarded() if "{" in route.path]


@pytest.fixture
def bobs(bob: User, bobs_app: App, registered: dict[str, Any]) -> dict[str, Any]:
    """One of each thing that is Bob's, or nobody's, by resource; a role has a name."""
    told = {"issuer": "https://issuer.example", "subject": "bob", "email": "", "name": ""}
    identity = Identity(provider="google", label="Google", email_verified=False, auth_time=None, **told)
    role = Group.objects.create(name="editors")
    bob.groups.add(role)
    passkey_of(bob)
    return {
        "devices": bobs_app.device,
        "passkeys": Passkey.objects.get(user=bob).id,
        "identities": identities.link(bob, identity, NOWHERE).id,
        "users": bob.id,
        "groups": role.name,
        **registered,
    }


def asked(app: App, route: routes.Route, thing: object) -> HttpResponse:
    path = route.path.format(id=thing, name=thing)
    return app.http.generic(route.method, path, b"{}", "application/json", headers=app._headers({}))


@pytest.mark.parametrize("route", OBJECT_ROUTES, ids=by_name)
def test_B01_foreign_object_answers_as_one_that_does_not_exist(
    app: App, bobs_app: App, bobs: dict[str, Any], route: routes.Route
) -> None:
    before = rows()
    foreign, missing = asked(app, route, bobs[route.resource]), asked(app, route, SOMEBODY)
    assert foreign.status_code == missing.status_code == (403 if route.rule and route.rule.permission else 404)
    assert foreign.content == missing.content
    assert rows() == before
    bobs_app.rotate()
    assert asked(bobs_app, route, bobs[route.resource]).status_code != 404


def test_B01_person_finds_only_themself_in_the_directory(app: App, alice: User, bob: User) -> None:
    assert [row["id"] for row in app.get("/api/v1/users/").json()["results"]] == [str(alice.id)]
    assert app.get(f"/api/v1/users/{alice.id}/").status_code == 200
    assert app.get(f"/api/v1/users/{bob.id}/").status_code == 404
    assert app.get("/api/v1/users/?search=bob").json()["results"] == []


def test_B01_staff_with_the_permission_find_everybody(manager: App, alice: User) -> None:
    assert manager.get(f"/api/v1/users/{alice.id}/").json()["email"] == alice.email


def test_R17_device_of_somebody_else_cannot_be_ended_or_renamed(app: App, bobs_app: App) -> None:
    path = f"/api/v1/me/devices/{app.device}/"
    assert bobs_app.delete(path).status_code == 404
    assert bobs_app.patch(path, {"name": "Mine"}).status_code == 404
    assert app.get("/api/v1/me/").status_code == 200
    assert app.patch(path, {"name": "Phone"}).json()["name"] == "Phone"


def test_R17_list_holds_only_ones_own_live_devices(app: App, bobs_app: App, alice: User) -> None:
    second = App()
    second.sign_in(alice.email, device={"name": "Tablet", "platform": "iPadOS"})
    rows = app.get("/api/v1/me/devices/").json()["results"]
    assert [(row["id"], row["current"]) for row in rows] == [(second.device, False), (app.device, True)]
    second.delete(f"/api/v1/me/devices/{second.device}/")
    assert [row["id"] for row in app.get("/api/v1/me/devices/").json()["results"]] == [app.device]


def test_B09_roles_of_the_body_are_looked_up_among_ones_own(manager: App, alice: User) -> None:
    Group.objects.create(name="admins")
    refused = manager.patch(f"/api/v1/users/{alice.id}/", {"groups": ["admins"]})
    assert refused.status_code == 403
    assert manager.patch(f"/api/v1/users/{alice.id}/", {"groups": ["managers"]}).status_code == 200
    assert list(alice.groups.values_list("name", flat=True)) == ["managers"]


def test_B09_link_to_a_foreign_object_is_not_made(app: App, bob: User, bobs_app: App) -> None:
    for path in (f"/api/v1/users/{bob.id}/", f"/api/v1/me/devices/{bobs_app.device}/"):
        assert app.post("/api/v1/links/", {"path": path}).json()["errors"]["path"][0]["code"] == "not_linkable"
