"""Whom a second run takes for the same person, and whom for somebody else."""

import json
import uuid
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.users.models import ErasedAccount, User
from tests.support.imports import import_users, table

pytestmark = pytest.mark.django_db


def export(source: str, path: Path, address: str) -> Path:
    """One and the same person, with this address."""
    documents = {
        "auth0": {"user_id": "auth0|5dea", "email": address},
        "firebase": {"users": [{"localId": "Vz9cYg", "email": address}]},
        "keycloak": {"users": [{"username": "ada", "email": address}]},
        "cognito": {"Users": [{"Username": "ada", "Attributes": [{"Name": "email", "Value": address}]}]},
        "django": [{"model": "auth.user", "pk": 7, "fields": {"username": "ada", "email": address}}],
    }
    if source == "csv":
        return table(path, {"id": "7", "email": address})
    path.write_text(json.dumps(documents[source]))
    return path


@pytest.mark.parametrize("source", ["auth0", "firebase", "keycloak", "cognito", "django", "csv"])
def test_person_whose_address_changed_at_the_source_does_not_come_twice(tmp_path: Path, source: str) -> None:
    import_users(source, export(source, tmp_path / "first", "old@example.com"))
    before = User.objects.get()
    said = import_users(source, export(source, tmp_path / "second", "new@example.com"))
    assert "0 imported, 1 here already, 0 refused." in said
    assert "1 had another address" in said
    assert (User.objects.get(), User.objects.get().email) == (before, "old@example.com")


def test_L12_person_who_was_erased_does_not_come_back_under_another_address(tmp_path: Path) -> None:
    import_users("csv", export("csv", tmp_path / "first", "old@example.com"))
    ErasedAccount.objects.create(id=User.objects.get().id)
    User.objects.all().delete()
    assert "was erased" in import_users("csv", export("csv", tmp_path / "second", "new@example.com"))
    assert not User.objects.exists()


def test_same_ids_of_another_system_are_other_people_with_a_tenant(tmp_path: Path) -> None:
    shop, forum = export("csv", tmp_path / "shop", "ada@example.com"), export("csv", tmp_path / "forum", "bob@example.com")
    assert "1 imported" in import_users("csv", shop, "--tenant", "shop")
    assert "0 imported, 1 here already" in import_users("csv", forum, "--tenant", "shop")
    assert "1 imported" in import_users("csv", forum, "--tenant", "forum")
    assert "0 imported, 1 here already" in import_users("csv", forum, "--tenant", "forum")
    assert {user.email for user in User.objects.all()} == {"ada@example.com", "bob@example.com"}


def test_without_an_id_the_address_tells_who_it_is(tmp_path: Path) -> None:
    path = table(tmp_path / "people", {"email": "Ada@Example.com"})
    import_users("csv", path)
    assert "0 imported, 1 here already" in import_users("csv", table(tmp_path / "again", {"email": "ada@example.com"}))
    assert "1 imported" in import_users("csv", table(tmp_path / "more", {"email": "bob@example.com"}))


def test_id_that_looks_like_a_derived_key_is_nobody_else(tmp_path: Path) -> None:
    rows = [{"id": "", "email": "ada@example.com"}, {"id": "ada@example.com", "email": "bob@example.com"}]
    assert "2 imported" in import_users("csv", table(tmp_path / "people", *rows))


def test_uuid_stays_whatever_the_tenant(tmp_path: Path) -> None:
    own = uuid.uuid4()
    import_users("csv", table(tmp_path / "people", {"id": str(own), "email": "ada@example.com"}), "--tenant", "shop")
    assert User.objects.get().id == own


def test_uuid_of_an_auth0_database_stays(tmp_path: Path) -> None:
    own = uuid.uuid4()
    (tmp_path / "users").write_text(json.dumps({"user_id": f"auth0|{own}", "email": "ada@example.com"}))
    import_users("auth0", tmp_path / "users")
    assert User.objects.get().id == own


def test_two_connections_of_auth0_may_have_the_same_subject(tmp_path: Path) -> None:
    entries = [{"user_id": f"{name}|7", "email": f"{name}@example.com"} for name in ("github", "google-oauth2")]
    (tmp_path / "users").write_text("\n".join(map(json.dumps, entries)))
    assert "2 imported" in import_users("auth0", tmp_path / "users")


def test_id_of_an_account_that_no_import_made_is_refused(alice: User, tmp_path: Path) -> None:
    path = table(tmp_path / "people", {"id": str(alice.id), "email": "mallory@example.com"})
    assert "an account that no import made has this id" in import_users("csv", path)
    assert User.objects.get() == alice


@pytest.mark.parametrize("tenant", ["a|b", "two words", "x" * 101, "ä"])
def test_tenant_is_a_plain_word(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(CommandError, match="--tenant"):
        import_users("csv", table(tmp_path / "people", {"email": "ada@example.com"}), "--tenant", tenant)
