"""Identities at issuers: which come along, from each source, and that what does not is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from accounts.federation import providers
from accounts.federation.models import FederatedIdentity
from accounts.users.models import User
from tests.support.imports import import_users, table

pytestmark = pytest.mark.django_db
GOOGLE, OURS = "https://accounts.google.com", "https://login.example.org/realms/staff"


@pytest.fixture(autouse=True)
def _own_issuer(settings: Settings) -> None:
    settings.FEDERATED_PROVIDERS = providers.parse(json.dumps({"staff": {"issuer": OURS, "client_ids": ["us"]}}))


def identities() -> set[tuple[str, str, str]]:
    return set(FederatedIdentity.objects.values_list("provider", "issuer", "subject"))


def exported(source: str, connection: str, subject: str) -> Any:
    return {
        "auth0": {"user_id": f"oidc|{connection}|{subject}", "email": "ada@example.com"},
        "firebase": {"users": [{"localId": "1", "email": "ada@example.com", "providerUserInfo": [
            {"providerId": "password", "rawId": "ada@example.com"}, {"providerId": connection, "rawId": subject},
        ]}]},
        "supabase": [{"id": "5f3b1c1e-4f1b-4a6e-9d58-0f9e4a1f0001", "email": "ada@example.com", "identities": [
            {"provider": "email", "provider_id": "x"}, {"provider": connection, "provider_id": subject},
        ]}],
        "keycloak": {"users": [{"id": "1", "email": "ada@example.com", "federatedIdentities": [
            {"identityProvider": connection, "userId": subject},
        ]}]},
        "cognito": {"Users": [{"Username": "1", "Attributes": [
            {"Name": "email", "Value": "ada@example.com"},
            {"Name": "identities", "Value": json.dumps([{"providerName": connection, "userId": subject}])},
        ]}]},
        "django": [
            {"model": "auth.user", "pk": 1, "fields": {"username": "ada", "email": "ada@example.com"}},
            {"model": "socialaccount.socialaccount", "pk": 1, "fields": {"user": 1, "provider": connection, "uid": subject}},
        ],
    }[source]  # fmt: skip


SOURCES = ["auth0", "firebase", "supabase", "keycloak", "cognito", "django"]


@pytest.mark.parametrize("source", SOURCES)
def test_identity_at_an_issuer_of_our_own_comes_when_it_is_named(tmp_path: Path, source: str) -> None:
    path = tmp_path / "export"
    path.write_text(json.dumps(exported(source, "our-login", "00u1")))
    said = import_users(source, path, "--issuer", f"Our-Login={OURS}")
    assert "1 imported" in said
    assert "Left out" not in said
    assert identities() == {("staff", OURS, "00u1")}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("connection", ["our-login", "staff"])
def test_identity_at_an_issuer_that_nobody_named_is_said(tmp_path: Path, source: str, connection: str) -> None:
    """Not even when our own name for an issuer is the same: that shows nothing of whose subjects they are."""
    path = tmp_path / "export"
    path.write_text(json.dumps(exported(source, connection, "00u1")))
    said = import_users(source, path)
    assert f"Left out: an identity at {connection} (1)." in said
    assert identities() == set()
    assert User.objects.count() == 1


def test_dry_run_says_it_beside_the_entry(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_text(json.dumps(exported("keycloak", "facebook", "1")))
    assert "1: imported (an identity at facebook)" in import_users("keycloak", path, "--dry-run")


def test_issuer_that_nobody_could_sign_in_with_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="FEDERATED_PROVIDERS"):
        import_users("csv", table(tmp_path / "people", {"email": "a@example.com"}), "--issuer", f"our-login={OURS}/")


def test_name_that_a_terminal_would_obey_is_not_printed(tmp_path: Path) -> None:
    path = tmp_path / "export"
    path.write_text(json.dumps(exported("keycloak", "\u001b[2J", "1")))
    said = import_users("keycloak", path)
    assert "Left out: an identity at something unprintable (1)." in said
    assert "\u001b" not in said


def allauth(folder: Path, user: Any, **fields: Any) -> Path:
    rows = [
        {"model": "auth.user", "pk": 1, "fields": {"username": "ada", "email": "ada@example.com", **fields}},
        {"model": "auth.user", "pk": 2, "fields": {"username": "1", "email": "mallory@example.com"}},
        {"model": "socialaccount.socialaccount", "pk": 5, "fields": {"user": user, "provider": "google", "uid": "103"}},
    ]
    (folder / "dump").write_text(json.dumps(rows))
    return folder / "dump"


@pytest.mark.parametrize("user", [1, ["ada"]])
def test_social_account_of_allauth_is_its_users(tmp_path: Path, user: Any) -> None:
    assert "2 imported" in import_users("django", allauth(tmp_path, user))
    assert [identity.user.email for identity in FederatedIdentity.objects.all()] == ["ada@example.com"]
    assert identities() == {("google", GOOGLE, "103")}


def test_natural_key_of_a_user_model_without_user_names_is_the_address(tmp_path: Path) -> None:
    assert "2 imported" in import_users("django", allauth(tmp_path, ["ada@example.com"], username=""))
    assert [identity.user.email for identity in FederatedIdentity.objects.all()] == ["ada@example.com"]


def test_csv_names_an_identity_by_issuer_and_subject(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "email": "a@example.com", "issuer": GOOGLE, "subject": "103"},
        {"id": "2", "email": "", "issuer": OURS, "subject": "00u1"},
        {"id": "3", "email": "c@example.com", "issuer": "", "subject": ""},
        {"id": "4", "email": "d@example.com", "issuer": GOOGLE, "subject": ""},
        {"id": "5", "email": "e@example.com", "issuer": "https://elsewhere.example", "subject": "1"},
        {"id": "6", "email": "f@example.com", "issuer": GOOGLE, "subject": "103"},
        {"id": "7", "email": "", "issuer": "", "subject": ""},
    ]
    said = import_users("csv", table(tmp_path / "people", *rows))
    assert "3 imported, 0 here already, 4 refused." in said
    assert identities() == {("google", GOOGLE, "103"), ("staff", OURS, "00u1")}
    for line, reason in {5: "one without the other", 6: "FEDERATED_PROVIDERS", 7: "another account", 8: "neither"}.items():
        assert [said_line for said_line in said.splitlines() if said_line.startswith(f"{line}: ") and reason in said_line]
