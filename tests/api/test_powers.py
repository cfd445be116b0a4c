"""Nobody gives what they do not hold (SECURITY B-12), nor raises themselves (A-03), and what was taken is gone at once (B-10)."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.outbox.models import OutboxMessage
from accounts.users import roles
from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.conftest import signed_in
from tests.support.app import App

# Committed for real: what this process hears at commit, the others hear within a second.
at_once = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admins(make_group: Callable[..., Group]) -> Group:
    """A role that the manager does not hold, with a permission that the manager does not hold."""
    return make_group("admins", "accounts.delete_user")


def powers(user: User) -> frozenset[str]:
    user.refresh_from_db()
    roles.forget()
    return roles.authority(user.id, user.epoch, superuser=user.is_superuser).permissions


def test_B12_role_not_held_is_given_by_no_path(manager: App, bob: User, alice: User, admins: Group) -> None:
    more = "accounts.delete_user"
    refused = [
        manager.patch(f"/api/v1/users/{bob.id}/", {"groups": ["managers", "admins"]}),
        manager.patch(f"/api/v1/users/{alice.id}/", {"groups": ["admins"]}),
        manager.post("/api/v1/users/", {"email": "new@example.com", "groups": ["admins"]}),
        manager.post("/api/v1/groups/", {"name": "mine", "permissions": [more]}),
        manager.patch("/api/v1/groups/managers/", {"permissions": [*sorted(powers(bob)), more]}),
        manager.patch("/api/v1/groups/managers/", {"name": "admins-too"}),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(403, "permission_denied")] * 6
    assert more not in powers(bob) | powers(alice)
    assert not User.objects.filter(email="new@example.com").exists()
    assert set(Group.objects.values_list("name", flat=True)) == {"managers", "admins"}


def test_B12_role_not_held_is_not_taken_either(manager: App, alice: User, admins: Group) -> None:
    alice.groups.add(admins)
    assert manager.patch(f"/api/v1/users/{alice.id}/", {"groups": []}).status_code == 403
    assert manager.patch("/api/v1/groups/admins/", {"permissions": []}).status_code == 403
    assert manager.delete("/api/v1/groups/admins/").status_code == 403
    assert "accounts.delete_user" in powers(alice)


def test_B12_what_one_holds_can_be_given(manager: App, alice: User) -> None:
    assert manager.patch(f"/api/v1/users/{alice.id}/", {"groups": ["managers"]}).json()["groups"] == ["managers"]
    made = manager.post("/api/v1/groups/", {"name": "readers", "permissions": ["accounts.view_user"]})
    assert made.json() == {"name": "readers", "permissions": ["accounts.view_user"], "members": 0}
    assert manager.post("/api/v1/users/", {"email": "new@example.com", "groups": ["managers"]}).status_code == 201


def test_B12_superuser_gives_anything(root_app: App, alice: User, admins: Group) -> None:
    assert root_app.patch(f"/api/v1/users/{alice.id}/", {"groups": ["admins"]}).status_code == 200
    assert root_app.patch("/api/v1/groups/admins/", {"name": "owners", "permissions": []}).json()["name"] == "owners"


def test_B12_powers_are_those_of_now_not_of_the_token(manager: App, bob: User, alice: User) -> None:
    Group.objects.get(name="managers").delete()
    roles.forget()
    assert manager.patch(f"/api/v1/users/{alice.id}/", {"name": "Still in the token"}).status_code == 200
    Group.objects.create(name="managers")
    assert manager.patch(f"/api/v1/users/{alice.id}/", {"groups": ["managers"]}).status_code == 403


def test_B12_unknown_role_and_permission_are_named(root_app: App, alice: User) -> None:
    unknown = root_app.patch(f"/api/v1/users/{alice.id}/", {"groups": ["nobody"]}).json()
    assert unknown["errors"]["groups"][0]["code"] == "does_not_exist"
    unknown = root_app.post("/api/v1/groups/", {"name": "x", "permissions": ["accounts.fly", "auth.view_user"]}).json()
    assert unknown["errors"]["permissions"][0]["code"] == "does_not_exist"
    assert not Group.objects.exists()


def test_A03_staff_flag_is_given_by_superusers_only(manager: App, root_app: App, alice: User) -> None:
    path = f"/api/v1/users/{alice.id}/"
    assert manager.patch(path, {"is_staff": True}).status_code == 403
    assert manager.post("/api/v1/users/", {"email": "new@example.com", "is_staff": True}).status_code == 403
    assert not User.objects.get(id=alice.id).is_staff
    assert root_app.patch(path, {"is_staff": True}).json()["is_staff"] is True


def test_A03_nobody_touches_their_own_flags(root_app: App, superuser: User) -> None:
    path = f"/api/v1/users/{superuser.id}/"
    answers = [root_app.patch(path, {"is_staff": False}), root_app.post(f"{path}disable/"), root_app.post(f"{path}enable/")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(403, "not_on_oneself")] * 3


@pytest.mark.parametrize("act", ["disable/", "enable/", "sign-out-everywhere/", "send-password-link/", ""])
def test_A03_superusers_are_touched_by_superusers_only(manager: App, root_app: App, superuser: User, act: str) -> None:
    path = f"/api/v1/users/{superuser.id}/{act}"
    refused = manager.post(path) if act else manager.patch(path, {"name": "Mallory"})
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    superuser.refresh_from_db()
    assert (superuser.is_active, superuser.name) == (True, "Root")
    assert not OutboxMessage.objects.exists()
    assert root_app.get("/api/v1/me/").status_code == 200


def test_A03_giving_roles_wants_a_fresh_proof_and_renaming_does_not(manager: App, alice: User) -> None:
    path = f"/api/v1/users/{alice.id}/"
    proved_long_ago(manager)
    refused = manager.patch(path, {"groups": ["managers"]})
    assert (refused.status_code, refused.json()["code"]) == (401, "insufficient_user_authentication")
    assert 'max_age="900"' in refused["WWW-Authenticate"]
    assert manager.patch(path, {"name": "Alicia"}).status_code == 200


@at_once
def test_B10_role_taken_is_gone_from_the_next_request(root_app: App, manager: App, bob: User) -> None:
    assert len(manager.get("/api/v1/users/").json()["results"]) == 2
    root_app.patch(f"/api/v1/users/{bob.id}/", {"groups": []})
    assert manager.get("/api/v1/users/").json()["code"] == "token_stale"
    manager.rotate()
    assert len(manager.get("/api/v1/users/").json()["results"]) == 1


@at_once
def test_B10_permission_taken_from_a_role_reaches_every_member(root_app: App, manager: App) -> None:
    root_app.patch("/api/v1/groups/managers/", {"permissions": []})
    assert manager.get("/api/v1/groups/").json()["code"] == "token_stale"
    manager.rotate()
    assert manager.get("/api/v1/groups/").status_code == 403


@at_once
def test_B10_deleted_role_reaches_every_member(root_app: App, manager: App) -> None:
    assert root_app.delete("/api/v1/groups/managers/").status_code == 204
    assert manager.get("/api/v1/groups/").json()["code"] == "token_stale"


@at_once
def test_B10_disabled_person_is_out_and_stays_out(root_app: App, app: App, alice: User) -> None:
    assert app.get("/api/v1/me/").status_code == 200
    assert root_app.post(f"/api/v1/users/{alice.id}/disable/").json()["is_active"] is False
    assert app.get("/api/v1/me/").json()["code"] == "device_revoked"
    assert app.rotate().status_code == 401
    assert App().sign_in(alice.email).json()["code"] == "invalid_credentials"
    assert Device.objects.get(id=app.device).ended_because == Device.Ended.ACCOUNT_DISABLED


@at_once
def test_B10_enabled_person_signs_in_anew(root_app: App, app: App, alice: User) -> None:
    root_app.post(f"/api/v1/users/{alice.id}/disable/")
    assert root_app.post(f"/api/v1/users/{alice.id}/enable/").json()["is_active"] is True
    assert app.get("/api/v1/me/").status_code == 401
    assert signed_in(alice).get("/api/v1/me/").status_code == 200


@at_once
def test_B10_signed_out_everywhere_is_signed_out_everywhere(root_app: App, alice: User) -> None:
    apps = [signed_in(alice), signed_in(alice)]
    assert root_app.post(f"/api/v1/users/{alice.id}/sign-out-everywhere/").json() == {"revoked": 2}
    assert {app.get("/api/v1/me/").json()["code"] for app in apps} == {"device_revoked"}


@at_once
def test_B10_a_new_name_disturbs_no_token(root_app: App, app: App, alice: User) -> None:
    root_app.patch(f"/api/v1/users/{alice.id}/", {"name": "Alicia"})
    assert app.get("/api/v1/me/").json()["name"] == "Alicia"


def test_every_change_leaves_an_event(root_app: App, superuser: User, alice: User) -> None:
    Group.objects.create(name="editors")
    path = f"/api/v1/users/{alice.id}/"
    root_app.patch(path, {"name": "Alicia", "groups": ["editors"], "is_staff": True})
    for act in ("disable/", "enable/", "sign-out-everywhere/", "send-password-link/"):
        root_app.post(path + act)
    found = AuditEvent.objects.filter(actor_id=superuser.id, subject_id=alice.id).order_by("id")
    assert [event.event for event in found] == [
        *("user.updated", "user.updated", "roles.changed", "user.disabled", "user.enabled", "user.signed_out_everywhere"),
        "password_link.sent",
    ]
    assert {event.address for event in found} == {"127.0.0.1"}
