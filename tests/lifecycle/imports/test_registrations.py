"""A stranger typed the address into a registration before the import: it stands in nobody's way (SECURITY L-10)."""

from pathlib import Path

import pytest

from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.imports import BCRYPT, import_users, table
from tests.support.mailbox import last_letter
from tests.support.ways import VERIFY, opens, register, verify_by_code

pytestmark = pytest.mark.usefixtures("db")
ADA = "ada@example.com"


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
