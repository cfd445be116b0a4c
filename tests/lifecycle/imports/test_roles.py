"""Roles come from an export by a clear rule, and power only by the word of the operator (SECURITY B-12)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission

from accounts.users.models import User
from tests.support.app import App
from tests.support.imports import BCRYPT, import_users, table

pytestmark = pytest.mark.usefixtures("db")


def written(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def roles_of(email: str) -> set[str]:
    return set(User.objects.get(email=email).groups.values_list("name", flat=True))


@pytest.fixture
def admins() -> Group:
    group = Group.objects.create(name="admins")
    group.permissions.add(Permission.objects.get(codename="change_user"))
    return group


def test_B12_role_with_permissions_is_not_given_unless_it_is_named(tmp_path: Path, admins: Group) -> None:
    rows = [{"email": "mallory@example.com", "roles": "admins"}, {"email": "b@example.com", "roles": "readers"}]
    path = table(tmp_path / "people", *rows)
    said = import_users("csv", path, "--create-roles", "--grant", "others")
    assert "2: the role admins has permissions here" in said
    assert "1 imported, 0 here already, 1 refused." in said
    assert not admins.user_set.exists()
    assert "1 imported, 1 here already, 0 refused." in import_users("csv", path, "--grant", "admins", "--grant", "readers")
    assert User.objects.get(email="mallory@example.com").has_perm("accounts.change_user")


def test_B12_dry_run_says_so_too(tmp_path: Path, admins: Group) -> None:
    path = table(tmp_path / "people", {"email": "mallory@example.com", "roles": "admins"})
    assert "2: refused (the role admins has permissions here" in import_users("csv", path, "--dry-run", "--create-roles")
    assert "2: imported" in import_users("csv", path, "--dry-run", "--grant", "admins")


@pytest.mark.parametrize("role", ["staff", "superuser", "is_staff", "is_superuser", "accounts.change_user"])
def test_B12_no_name_of_a_role_is_power(tmp_path: Path, role: str) -> None:
    row = {"email": "mallory@example.com", "email_verified": "true", "roles": role, "password_hash": BCRYPT}
    import_users("csv", table(tmp_path / "people", row), "--create-roles")
    mallory = User.objects.get()
    assert (mallory.is_staff, mallory.is_superuser, mallory.get_all_permissions()) == (False, False, set())
    app = App()
    assert app.sign_in("mallory@example.com", "U*U").status_code == 200
    found = app.get("/api/v1/users/").json()["results"]
    assert [user["email"] for user in found] == ["mallory@example.com"]


def test_B12_flags_and_permissions_of_a_django_user_stay_behind_and_are_said(tmp_path: Path) -> None:
    powers = {"is_staff": True, "is_superuser": True, "user_permissions": [["change_user", "accounts", "user"]]}
    rows = [{"model": "auth.user", "pk": 1, "fields": {"username": "jan", "email": "jan@example.com", **powers}}]
    said = import_users("django", written(tmp_path / "dump", rows))
    assert "Left out: a staff or superuser flag (1); permissions beside those of roles (1)." in said
    jan = User.objects.get()
    assert (jan.is_staff, jan.is_superuser, jan.get_all_permissions()) == (False, False, set())


def test_keycloak_roles_of_realm_and_clients_and_groups_are_told_apart(tmp_path: Path) -> None:
    person = {
        "id": "2a117809-8285-4718-a131-bd61fb57cd1f", "email": "kay@example.com",
        "realmRoles": ["editors", "offline_access", "default-roles-example"],
        "clientRoles": {"shop": ["admin", "buyer"], "account": ["manage-account"], "realm-management": ["realm-admin"]},
        "groups": ["/staff/editors", "/readers"],
    }  # fmt: skip
    import_users("keycloak", written(tmp_path / "realm", {"users": [person]}), "--create-roles")
    assert roles_of("kay@example.com") == {
        "editors",
        "client:shop:admin",
        "client:shop:buyer",
        "group:staff:editors",
        "group:readers",
    }


@pytest.mark.parametrize("other", [{"clientRoles": {"": ["admins"]}}, {"clientRoles": {"admins": [""]}}, {"groups": ["/admins"]}])
def test_B12_no_client_or_group_of_keycloak_passes_for_a_role_of_the_realm(
    tmp_path: Path, admins: Group, other: dict[str, Any]
) -> None:
    people = [
        {"id": "1", "email": "mallory@example.com", **other},
        {"id": "2", "email": "kay@example.com", "realmRoles": ["admins"]},
    ]
    import_users("keycloak", written(tmp_path / "realm", {"users": people}), "--create-roles", "--grant", "admins")
    assert [user.email for user in admins.user_set.all()] == ["kay@example.com"]


@pytest.mark.parametrize("odd", [{"groups": "/a"}, {"clientRoles": ["x"]}, {"clientRoles": {"a": "x"}}, {"realmRoles": [1]}])
def test_keycloak_roles_of_another_form_are_refused(tmp_path: Path, odd: dict[str, Any]) -> None:
    people = [{"id": "1", "email": "kay@example.com", **odd}, {"id": "2", "email": "b@example.com"}]
    said = import_users("keycloak", written(tmp_path / "realm", {"users": people}), "--create-roles")
    assert "1 imported, 0 here already, 1 refused." in said


def firebase(folder: Path, claims: str) -> str:
    people = [{"localId": "1", "email": "ada@example.com", "customAttributes": claims}]
    return import_users("firebase", written(folder / "users", {"users": people}), "--create-roles")


@pytest.mark.parametrize(("claims", "roles"), [
    ({"role": "a"}, {"a"}), ({"roles": ["a", "b"]}, {"a", "b"}), ({"role": "a", "roles": ["b"]}, {"a", "b"}), ({}, set()),
])  # fmt: skip
def test_firebase_claims_that_name_roles_are_roles(tmp_path: Path, claims: dict[str, Any], roles: set[str]) -> None:
    assert "Left out" not in firebase(tmp_path, json.dumps(claims))
    assert roles_of("ada@example.com") == roles


def test_firebase_claims_of_other_names_are_left_out_and_said(tmp_path: Path) -> None:
    said = firebase(tmp_path, json.dumps({"admin": True, "role": "editors"}))
    assert "Left out: custom claims other than `role` and `roles` (1)." in said
    assert roles_of("ada@example.com") == {"editors"}


@pytest.mark.parametrize("claims", ["[]", "x", '{"role": 7}', '{"roles": "a"}', '{"roles": [true]}'])
def test_firebase_claims_of_another_form_are_refused(tmp_path: Path, claims: str) -> None:
    assert "0 imported, 0 here already, 1 refused." in firebase(tmp_path, claims)
