"""A stranger typed the address into a registration before the import: it stands in nobody's way (SECURITY L-10)."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group

from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.imports import BCRYPT, import_users, table
from tests.support.mailbox import last_letter
from tests.support.ways import VERIFY, opens, register, verify_by_code

pytestmark = pytest.mark.usefixtures("db")
ADA = "ada@example.com"
VERIFIED = {"id": "ada-7", "email": ADA, "name": "Ada", "email_verified": "true"}


def imported(folder: Path, *, verified: bool, password: str = BCRYPT) -> str:
    row = {"id": "ada-7", "email": ADA, "name": "Ada", "email_verified": str(verified), "password_hash": password}
    return import_users("csv", table(folder / "people.csv", row))


@pytest.mark.both_databases
def test_L10_registration_that_nobody_verified_gives_way_to_an_import(tmp_path: Path) -> None:
    register(ADA)
    stranger = User.objects.get()
    assert "1 would be imported" in import_users("csv", table(tmp_path / "dry.csv", {"email": ADA}), "--dry-run")
    assert User.objects.get() == stranger
    assert "1 imported, 0 here already, 0 refused." in imported(tmp_path, verified=True)
    ada = User.objects.get()
    assert (ada.id != stranger.id, ada.joined_by, ada.name) == (True, User.JoinedBy.IMPORT, "Ada")
    assert opens(ADA, "U*U")
    assert not opens(ADA, PASSWORD)


def test_L10_its_code_does_not_open_the_imported_account(tmp_path: Path) -> None:
    handle = register(ADA)
    code = last_letter(ADA).code
    imported(tmp_path, verified=True)
    assert App().post(VERIFY, {"email": ADA, "code": code, "registration": handle}).status_code == 401
    assert opens(ADA, "U*U")


def test_L10_its_handle_does_not_keep_an_unverified_imported_password(tmp_path: Path) -> None:
    """Both are unproven: whoever reads the mail gets the account, and neither password."""
    handle = register(ADA)
    imported(tmp_path, verified=False)
    App().post("/auth/email/resend/", {"email": ADA})
    assert verify_by_code(ADA, registration=handle).status_code == 200
    assert not opens(ADA, "U*U")
    assert not opens(ADA, PASSWORD)


def test_L10_verified_registration_keeps_its_address(tmp_path: Path) -> None:
    register(ADA)
    assert verify_by_code(ADA).status_code == 200
    before = User.objects.get()
    assert "another account has this e-mail address" in imported(tmp_path, verified=True)
    assert User.objects.get() == before
    assert opens(ADA, PASSWORD)


@pytest.mark.parametrize("fields", [{"joined_by": User.JoinedBy.STAFF}, {"is_active": False}, {"is_staff": True}])
def test_account_that_is_more_than_a_registration_keeps_its_address(tmp_path: Path, fields: dict[str, object]) -> None:
    register(ADA)
    User.objects.update(**fields)
    assert "another account has this e-mail address" in imported(tmp_path, verified=True)


def test_L10_verified_entry_comes_before_an_unverified_one_of_the_same_address(tmp_path: Path) -> None:
    rows = [
        {"id": "1", "email": ADA, "name": "Mallory", "email_verified": "false", "password_hash": BCRYPT},
        {"id": "2", "email": ADA, "name": "Ada", "email_verified": "true", "password_hash": ""},
    ]
    said = import_users("csv", table(tmp_path / "people.csv", *rows))
    assert "2: another entry of the file has this e-mail address" in said
    assert User.objects.get().name == "Ada"
    assert not opens(ADA, "U*U")


def earlier_run(folder: Path, **more: str) -> User:
    """Mallory typed Ada's address at another system and never showed that it is theirs."""
    row = {"id": "mallory-1", "email": ADA, "name": "Mallory", "email_verified": "false", "password_hash": BCRYPT, **more}
    import_users("csv", table(folder / "earlier.csv", row))
    return User.objects.get()


@pytest.mark.both_databases
def test_L10_import_that_nobody_verified_gives_way_to_a_verified_entry_of_a_later_file(tmp_path: Path) -> None:
    mallory = earlier_run(tmp_path)
    App().post("/auth/email/resend/", {"email": ADA})
    code = last_letter(ADA).code
    assert "1 would be imported" in import_users("csv", table(tmp_path / "dry.csv", VERIFIED), "--dry-run")
    assert User.objects.get() == mallory
    assert "1 imported, 0 here already, 0 refused." in imported(tmp_path, verified=True, password="")
    assert (User.objects.get().id != mallory.id, User.objects.get().name) == (True, "Ada")
    assert not opens(ADA, "U*U")
    assert App().post(VERIFY, {"email": ADA, "code": code}).status_code == 401


def test_L10_identity_of_an_import_that_gives_way_is_free(tmp_path: Path) -> None:
    google = {"issuer": "https://accounts.google.com", "subject": "1234"}
    earlier_run(tmp_path, **google)
    assert "1 imported" in import_users("csv", table(tmp_path / "people.csv", {**VERIFIED, **google}))
    assert [identity.subject for identity in User.objects.get().identities.all()] == ["1234"]


def test_L10_import_that_nobody_verified_gives_way_to_no_unverified_entry(tmp_path: Path) -> None:
    before = earlier_run(tmp_path)
    assert "another account has this e-mail address" in imported(tmp_path, verified=False)
    assert User.objects.get() == before


def test_L10_import_whose_owner_confirmed_the_address_keeps_it(tmp_path: Path) -> None:
    before = earlier_run(tmp_path)
    App().post("/auth/email/resend/", {"email": ADA})
    assert verify_by_code(ADA).status_code == 200
    assert "another account has this e-mail address" in imported(tmp_path, verified=True)
    assert User.objects.get() == before


@pytest.mark.parametrize("fields", [{"is_active": False}, {"is_staff": True}])
def test_import_that_staff_decided_about_keeps_its_address(tmp_path: Path, fields: dict[str, object]) -> None:
    before = earlier_run(tmp_path)
    User.objects.update(**fields)
    assert "another account has this e-mail address" in imported(tmp_path, verified=True)
    assert User.objects.get() == before


def test_import_with_a_role_keeps_its_address(tmp_path: Path) -> None:
    before = earlier_run(tmp_path)
    before.groups.add(Group.objects.create(name="editors"))
    assert "another account has this e-mail address" in imported(tmp_path, verified=True)
    assert User.objects.get() == before


def test_same_person_is_passed_by_although_the_source_has_verified_the_address_since(tmp_path: Path) -> None:
    assert "1 imported" in imported(tmp_path, verified=False)
    before = User.objects.get()
    assert "0 imported, 1 here already" in imported(tmp_path, verified=True)
    assert (User.objects.get(), User.objects.get().email_verified_at) == (before, None)
