"""An import: who comes in, who does not and why, twice over, and what a bad line cannot do."""

import csv
import io
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import CommandError
from pytest_django import Settings

from accounts.audit.models import AuditEvent
from accounts.federation.models import FederatedIdentity
from accounts.users.models import ErasedAccount, User
from tests.support.imports import BCRYPT, FIREBASE_CONFIG, SAMPLES, table
from tests.support.imports import import_users as run

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _firebase(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG


@pytest.mark.parametrize(("source", "file", "imported", "refused"), [
    ("auth0", "auth0.ndjson", 3, 1), ("firebase", "firebase.json", 3, 1), ("supabase", "supabase.json", 2, 1),
    ("supabase", "supabase.csv", 2, 1), ("keycloak", "keycloak.json", 3, 2), ("cognito", "cognito.json", 2, 0),
    ("csv", "people.csv", 2, 4), ("django", "django.json", 2, 0),
])  # fmt: skip
def test_every_source_comes_in_once(source: str, file: str, imported: int, refused: int) -> None:
    said = run(source, SAMPLES / file, "--create-roles")
    assert f"{imported} imported, 0 here already, {refused} refused." in said
    before = list(User.objects.order_by("id").values())
    assert len(before) == imported
    again = run(source, SAMPLES / file, "--create-roles")
    assert f"0 imported, {imported} here already, {refused} refused." in again
    assert list(User.objects.order_by("id").values()) == before


def test_person_is_who_they_were() -> None:
    Group.objects.create(name="editors")
    run("keycloak", SAMPLES / "keycloak.json")
    kay = User.objects.get(id="2a117809-8285-4718-a131-bd61fb57cd1f")
    assert (kay.email, kay.name, kay.is_active) == ("kay@example.com", "Kay Cloak", True)
    assert kay.email_verified_at is not None
    assert kay.created_at.year == 2025
    assert [group.name for group in kay.groups.all()] == ["editors"]
    identity = FederatedIdentity.objects.get(user=kay)
    assert (identity.issuer, identity.subject) == ("https://accounts.google.com", "103547991597142817349")
    assert User.objects.get(email="gone@example.com").is_active is False


def test_nobody_imports_power() -> None:
    run("django", SAMPLES / "django.json", "--create-roles")
    jan = User.objects.get(email="jan@example.com")
    assert (jan.is_staff, jan.is_superuser) == (False, False)
    assert not jan.get_all_permissions()


def test_dry_run_speaks_of_every_entry_and_writes_nothing() -> None:
    said = run("csv", SAMPLES / "people.csv", "--dry-run", "--create-roles")
    assert "2: imported" in said
    assert "4: refused (the e-mail address is not one)" in said
    assert "2 would be imported" in said
    assert not User.objects.exists()
    assert not Group.objects.exists()
    assert not AuditEvent.objects.filter(event="users.imported").exists()


def test_refusals_go_into_the_errors_file_without_secrets(tmp_path: Path) -> None:
    errors = tmp_path / "errors.csv"
    said = run("csv", SAMPLES / "people.csv", "--create-roles", "--errors", str(errors))
    with errors.open() as file:
        rows = {row["line"]: row["reason"] for row in csv.DictReader(file)}
    assert rows == {
        "4": "the e-mail address is not one",
        "5": "another entry of the file has this e-mail address",
        "6": "the line has 2 columns, the header 6",
        "7": "a hash of a form that is not known here",
    }
    everything = said + errors.read_text() + json.dumps(list(AuditEvent.objects.values_list("details", flat=True)))
    assert "hunter2" not in everything
    assert BCRYPT[7:] not in everything
    assert "cleo@" not in everything


def test_every_batch_is_an_event(tmp_path: Path) -> None:
    rows = [{"email": f"person{number}@example.com", "email_verified": "true"} for number in range(501)]
    path = table(tmp_path / "people.csv", {**rows[0], "password_hash": BCRYPT}, *rows[1:], {"email": "not an address"})
    run("csv", path, "--tenant", "old-shop")
    large, small = AuditEvent.objects.filter(event="users.imported").order_by("occurred_at")
    assert large.details == {"origin": "csv/old-shop", "count": 500, "formats": {"bcrypt": 1, "none": 499}}
    assert small.details == {"origin": "csv/old-shop", "count": 1, "formats": {"none": 1}}
    run("csv", path, "--tenant", "old-shop")
    assert AuditEvent.objects.filter(event="users.imported").count() == 2


def test_role_that_does_not_exist_is_not_made_in_passing(tmp_path: Path) -> None:
    path = table(tmp_path / "people.csv", {"email": "a@example.com", "roles": "admins"}, {"email": "b@example.com"})
    said = run("csv", path)
    assert "there is no role admins" in said
    assert [user.email for user in User.objects.all()] == ["b@example.com"]
    assert not Group.objects.exists()


def test_L12_id_of_an_erased_account_is_not_given_again(tmp_path: Path) -> None:
    gone, other = uuid.uuid4(), uuid.uuid4()
    ErasedAccount.objects.create(id=gone)
    path = table(
        tmp_path / "people.csv", {"id": str(gone), "email": "a@example.com"}, {"id": str(other), "email": "b@example.com"}
    )
    assert "was erased" in run("csv", path)
    assert [user.id for user in User.objects.all()] == [other]


def test_E06_address_of_somebody_who_is_here_stays_theirs(alice: User, tmp_path: Path) -> None:
    path = table(tmp_path / "people.csv", {"email": " ALICE@Example.COM. ", "password_hash": BCRYPT}, {"email": "b@example.com"})
    assert "another account has this e-mail address" in run("csv", path)
    assert User.objects.get(email="alice@example.com").password == alice.password
    assert User.objects.count() == 2


def test_identity_of_somebody_else_is_refused(alice: User) -> None:
    google = {"provider": "google", "issuer": "https://accounts.google.com", "subject": "103547991597142817350"}
    FederatedIdentity.objects.create(user=alice, **google)
    assert "1 imported, 0 here already, 1 refused." in run("cognito", SAMPLES / "cognito.json")
    assert FederatedIdentity.objects.get().user == alice


def test_run_that_was_cut_short_goes_on(tmp_path: Path) -> None:
    rows = [{"email": f"person{number}@example.com"} for number in range(1200)]
    run("csv", table(tmp_path / "some.csv", *rows[:700]))
    assert "500 imported, 700 here already, 0 refused." in run("csv", table(tmp_path / "all.csv", *rows))
    assert User.objects.count() == 1200


def test_person_of_an_earlier_run_who_changed_is_left_alone(tmp_path: Path) -> None:
    path = table(tmp_path / "people.csv", {"email": "old@example.com", "name": "Old"})
    run("csv", path)
    User.objects.update(email="new@example.com", name="New")
    assert "0 imported, 1 here already" in run("csv", path)
    assert [(user.email, user.name) for user in User.objects.all()] == [("new@example.com", "New")]


ODD: list[Any] = [
    None, 7, "text", [], {"email": 7}, {"email": {"a": 1}}, {"email": "a@example.com", "emailVerified": "perhaps"},
    {"email": "a@example.com", "providerUserInfo": "x"}, {"email": "a@example.com", "providerUserInfo": [1]},
    {"email": "a@example.com", "createdAt": "soon"}, {"email": "a@example.com", "createdAt": 1e300},
    {"email": "a@example.com", "createdAt": {}}, {"email": "a\u0000@example.com"}, {"email": "a" * 300 + "@example.com"},
    {"email": "a@example.com", "displayName": "x" * 151}, {"email": "a@example.com", "displayName": "two\nlines"},
    {"email": "a@example.com", "displayName": "\ud800"}, {"email": "a@example.com", "passwordHash": "?", "salt": "?"},
    {"email": "a@example.com", "passwordHash": "aGFzaA==", "salt": "c2FsdA=="}, {"email": "a@example.com", "passwordHash": 1},
    {"email": "a@example.com", "createdAt": float("nan")}, {"email": ""}, {"email": "\ud800@example.com"},
]  # fmt: skip


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
def test_bad_entry_never_stops_the_rest(tmp_path: Path, odd: Any) -> None:
    path = tmp_path / "users.json"
    path.write_text(json.dumps({"users": [{"email": "first@example.com"}, odd, {"email": "last@example.com"}]}))
    said = run("firebase", path)
    assert "2 imported, 0 here already, 1 refused." in said
    assert {user.email for user in User.objects.all()} == {"first@example.com", "last@example.com"}


def test_P05_a_decoy_is_offered_that_is_nobodys_hash() -> None:
    said = run("csv", SAMPLES / "people.csv", "--create-roles")
    [line] = [line for line in said.splitlines() if line.startswith("PASSWORD_DECOY=")]
    assert line.startswith("PASSWORD_DECOY='bcrypt$$2a$05$")
    assert BCRYPT[7:] not in line
    assert "PASSWORD_DECOY" not in run("cognito", SAMPLES / "cognito.json")


def test_missing_file_is_said() -> None:
    with pytest.raises(CommandError, match="No such file"):
        run("csv", SAMPLES / "missing.csv")


def test_entry_that_the_database_refuses_does_not_take_its_batch_along(alice: User, tmp_path: Path) -> None:
    # Spelled as no rule of ours would spell it, so that only the constraint finds it.
    User.objects.filter(id=alice.id).update(email="ALICE@example.com")
    rows = [{"email": f"{name}@example.com"} for name in ("a", "alice", "b")]
    said = run("csv", table(tmp_path / "people.csv", *rows))
    assert "3: the database does not take this entry" in said
    assert "2 imported, 0 here already, 1 refused." in said
    assert set(User.objects.exclude(id=alice.id).values_list("email", flat=True)) == {"a@example.com", "b@example.com"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_terminal_sees_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    run("csv", SAMPLES / "people.csv", "--create-roles")
    assert re.search(r"\r█{20,} 100%  6 of 6  [\d,]+/s \n$", terminal.getvalue())


def test_pipe_sees_no_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = io.StringIO()
    monkeypatch.setattr("sys.stderr", pipe)
    run("csv", SAMPLES / "people.csv", "--create-roles")
    assert "█" not in pipe.getvalue()
