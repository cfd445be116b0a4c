"""Roles: made, read, changed, deleted."""

from urllib.parse import quote

import pytest
from django.contrib.auth.models import Group

from accounts.audit.models import AuditEvent
from tests.api.conftest import proved_long_ago
from tests.support.app import App


def test_role_lives_from_making_to_deleting(root_app: App) -> None:
    made = root_app.post("/api/v1/groups/", {"name": "Front desk", "permissions": ["accounts.view_user"]})
    assert (made.status_code, made.json()["permissions"]) == (201, ["accounts.view_user"])
    path = "/api/v1/groups/Front%20desk/"
    assert root_app.get(path).json() == {"name": "Front desk", "permissions": ["accounts.view_user"], "members": 0}
    changed = root_app.patch(path, {"permissions": ["accounts.view_user", "accounts.change_user"]})
    assert changed.json()["permissions"] == ["accounts.change_user", "accounts.view_user"]
    assert root_app.patch(path, {"name": "Desk"}).json()["name"] == "Desk"
    assert [root_app.delete("/api/v1/groups/Desk/").status_code for _ in range(2)] == [204, 404]
    assert list(AuditEvent.objects.filter(event__startswith="group.").order_by("id").values_list("event", flat=True)) == [
        *("group.created", "group.updated", "group.updated", "group.deleted"),
    ]


def test_list_counts_members(manager: App) -> None:
    rows = manager.get("/api/v1/groups/").json()["results"]
    assert [(row["name"], row["members"]) for row in rows] == [("managers", 1)]


def test_list_is_paged_by_name(root_app: App) -> None:
    Group.objects.bulk_create(Group(name=f"role {number}") for number in range(7))
    first = root_app.get("/api/v1/groups/?page_size=4").json()
    second = root_app.get(first["next"].removeprefix("http://testserver")).json()
    assert [row["name"] for row in first["results"] + second["results"]] == [f"role {number}" for number in range(7)]


@pytest.mark.parametrize("name", ["Rôle ☕", "a;b", "50% off?", "a.b", "&=#"])
def test_role_is_found_by_any_name_it_may_have(root_app: App, name: str) -> None:
    assert root_app.post("/api/v1/groups/", {"name": name}).status_code == 201
    assert root_app.get(f"/api/v1/groups/{quote(name, safe='')}/").json()["name"] == name


def test_name_is_taken_once(root_app: App) -> None:
    Group.objects.create(name="a")
    Group.objects.create(name="b")
    assert root_app.post("/api/v1/groups/", {"name": "a"}).json()["errors"]["name"][0]["code"] == "unique"
    assert root_app.patch("/api/v1/groups/b/", {"name": "a"}).json()["errors"]["name"][0]["code"] == "unique"


def test_writing_wants_a_fresh_proof_and_reading_does_not(manager: App) -> None:
    proved_long_ago(manager)
    assert manager.get("/api/v1/groups/").status_code == 200
    for answer in (
        manager.post("/api/v1/groups/", {"name": "x"}),
        manager.patch("/api/v1/groups/managers/", {"permissions": []}),
        manager.delete("/api/v1/groups/managers/"),
    ):
        assert answer.json()["code"] == "insufficient_user_authentication"
    assert list(Group.objects.values_list("name", flat=True)) == ["managers"]
