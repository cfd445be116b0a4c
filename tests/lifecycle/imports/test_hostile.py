"""An export whose contents somebody hostile wrote, entry by entry: what it brings in, and that the others come."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from pytest_django import Settings

from accounts.users.models import User
from tests.support.app import App
from tests.support.imports import BCRYPT, FIREBASE_CONFIG, SAMPLES, import_users, table
from tests.support.ways import opens

pytestmark = pytest.mark.usefixtures("db")


def imported(folder: Path, **odd: str) -> str:
    """One entry as given, between two that are as they should be."""
    plain = {"id": "", "email": "", "name": "", "email_verified": "true", "password_hash": "", "roles": "", "created_at": ""}
    rows = [{**plain, "email": "first@example.com"}, {**plain, **odd}, {**plain, "email": "last@example.com"}]
    return import_users("csv", table(folder / "people.csv", *rows), "--create-roles")


def refused_alone(said: str, reason: str) -> bool:
    came = {user.email for user in User.objects.all()}
    return f"3: {reason}" in said and came == {"first@example.com", "last@example.com"}


ODD_ADDRESSES = [
    "adm\u0131n@example.com", "a\u0308dmin@example.com", '"a b"@example.com', "a@b@example.com", "a\u202e@example.com",
    "a\x00@example.com", "a@exa\u200bmple.com\x07", "\u0430dmin@example.com", "a@" + "x" * 250 + ".com", "a@-.com", "x" * 100_000,
]  # fmt: skip


@pytest.mark.parametrize("address", ODD_ADDRESSES, ids=range(len(ODD_ADDRESSES)))
def test_L19_address_that_no_registration_could_have_is_refused(tmp_path: Path, address: str) -> None:
    assert refused_alone(imported(tmp_path, email=address), "the e-mail address")


@pytest.mark.parametrize("address", ["\uff21LICE@example.com", "alice@EXAMPLE.com.", "alice@example\uff0ecom"])
def test_E06_address_in_another_script_is_the_same_persons(alice: User, tmp_path: Path, address: str) -> None:
    assert "3: another account has this e-mail address" in imported(tmp_path, email=address, password_hash=BCRYPT)
    assert not opens("alice@example.com", "U*U")


@pytest.mark.parametrize("name", ["a\x00b", "a\x1b[2Jb", "a\u2028b", "a\u202eb", "a\u2066b", "a\x85b", "x" * 151, "a\ufffdb"])
def test_name_that_would_break_or_turn_a_line_is_refused(tmp_path: Path, name: str) -> None:
    assert refused_alone(imported(tmp_path, email="mallory@example.com", name=name), "the name")


@pytest.mark.parametrize("role", ["a\x1b[2Jb", "a\u202eb", "x" * 151, "a/b", ".."])
def test_role_that_no_path_could_name_is_refused(tmp_path: Path, role: str) -> None:
    assert refused_alone(imported(tmp_path, email="mallory@example.com", roles=role), "the name of a role")


@pytest.mark.parametrize("when", ["1969-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "-1", "99999999999"])
def test_time_of_creation_that_cannot_be_is_refused(tmp_path: Path, when: str) -> None:
    assert refused_alone(imported(tmp_path, email="mallory@example.com", created_at=when), "the time of creation is out of range")


OWN = "5f3b1c1e-4f1b-4a6e-9d58-0f9e4a1f0001"


@pytest.mark.parametrize(("one", "other"), [("7", "7"), (OWN, OWN.replace("-", "").upper()), (OWN, f"{{{OWN}}}")])
def test_second_entry_of_an_id_is_refused(tmp_path: Path, one: str, other: str) -> None:
    rows = [{"id": one, "email": "first@example.com"}, {"id": other, "email": "second@example.com"}]
    assert "3: an earlier entry of the file has this id" in import_users("csv", table(tmp_path / "people.csv", *rows))
    assert User.objects.get().email == "first@example.com"


FORMS = [
    "bcrypt_sha256$$2b$12$short", "bcrypt_sha256$$2b$012$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
    "bcrypt_sha256$$9z$12$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", BCRYPT + "$more", BCRYPT + "\x00",
    "bcrypt$$2b$12$$", "$2b$05$CCCCCCCCCCCCCCCCCCCCCzE5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", BCRYPT.replace("$05$", "$03$"),
    "pbkdf2_sha256$1000$$aGFzaA==", "pbkdf2_sha1$1000$$aGFzaA==", "scrypt$2$$1$1$aGFzaA==",
    "pbkdf2_sha256$1000$salt$ha$sh", "pbkdf2_sha256$-1$salt$hash", "scrypt$2$salt$0$1$aGFzaA==", "scrypt$2$sa$lt$1$1$aGFzaA==",
    "argon2$argon2id$v=19$m=8,t=1,p=16$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8", "pbkdf2$sha256$1$c2FsdA$aGFzaA$x",
    "argon2$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHR$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8", "$argon2id$v=19$m=64,t=1,p=1$$",
    "argon2$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAA$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8", "pbkdf2$sha256$1$c2FsdA$aGFzaA",
]  # fmt: skip


@pytest.mark.parametrize("stored", FORMS)
def test_P05_hash_with_broken_parts_is_refused_or_opens_nothing(tmp_path: Path, stored: str) -> None:
    """Whatever comes in must answer a sign-in as any wrong password: no 500 that tells who it is."""
    imported(tmp_path, email="mallory@example.com", password_hash=stored)
    for password in ("U*U", "hash", ""):
        answer = App().sign_in("mallory@example.com", password)
        assert answer.status_code in {400, 401}, answer.content
        assert (answer.status_code == 400) is not password


TOO_DEAR = [
    BCRYPT.replace("$05$", "$31$"), "bcrypt_sha256$" + BCRYPT.replace("$05$", "$31$"), "pbkdf2_sha256$1000000000$salt$aGFzaA==",
    "pbkdf2_sha1$1000000000$salt$aGFzaA==", "scrypt$1073741824$salt$8$1$aGFzaA==", "pbkdf2$sha512$1000000000$c2FsdA$" + "a" * 40,
    "$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
    "AQAAAAE7msoAAAAAEAABAgMEBQYHCAkKCwwNDg+yWU7rLgUwPZb1Itsmra7cbxw2EFpwpVFIEtP+JIuUEw==",
]  # fmt: skip


@pytest.mark.parametrize("stored", TOO_DEAR)
def test_P05_hash_that_would_cost_too_much_does_not_come_in(tmp_path: Path, stored: str) -> None:
    said = imported(tmp_path, email="mallory@example.com", password_hash=stored)
    assert "is not between" in said
    assert refused_alone(said, "")


def test_P05_keycloak_hash_that_would_cost_too_much_does_not_come_in() -> None:
    said = import_users("keycloak", SAMPLES / "keycloak.json", "--create-roles")
    assert "5: iterations: 1000000000 is not between" in said
    assert not User.objects.filter(email="slow@example.com").exists()


def test_P05_firebase_parameters_that_would_cost_too_much_let_no_hash_in(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = {**FIREBASE_CONFIG, "mem_cost": 20}
    said = import_users("firebase", SAMPLES / "firebase.json")
    assert "1: scrypt memory" in said
    assert not User.objects.filter(email="user1@example.com").exists()


def test_keycloak_user_name_is_no_verified_address(tmp_path: Path) -> None:
    people = [{"id": "1", "username": "victim@example.com", "emailVerified": True}]
    (tmp_path / "realm").write_text(json.dumps({"users": people}))
    import_users("keycloak", tmp_path / "realm")
    assert User.objects.get(email="victim@example.com").email_verified_at is None


@pytest.mark.parametrize("fields", [{"email_verified": True}, {"email": "", "email_verified": True}])
def test_django_user_name_is_no_verified_address(tmp_path: Path, fields: dict[str, Any]) -> None:
    rows = [{"model": "auth.user", "pk": 1, "fields": {"username": "victim@example.com", **fields}}]
    (tmp_path / "dump").write_text(json.dumps(rows))
    import_users("django", tmp_path / "dump")
    assert User.objects.get(email="victim@example.com").email_verified_at is None


@pytest.mark.parametrize(
    "odd", [{"model": "auth.group", "pk": [1], "fields": {}}, {"model": ["auth.user"]}, {"fields": []}, 7, {}]
)
def test_odd_row_of_a_django_dump_never_stops_the_rest(tmp_path: Path, odd: Any) -> None:
    rows = [odd, {"model": "auth.user", "pk": 1, "fields": {"username": "ada", "email": "ada@example.com"}}]
    (tmp_path / "dump").write_text(json.dumps(rows))
    assert "1 imported" in import_users("django", tmp_path / "dump")


@pytest.mark.parametrize("name", ["people.csv", "link.csv"])
def test_errors_file_never_overwrites_what_is_read(tmp_path: Path, name: str) -> None:
    path = table(tmp_path / "people.csv", {"email": "ada@example.com"})
    before = path.read_text()
    (tmp_path / "link.csv").symlink_to(path)
    with pytest.raises(CommandError, match="--errors"):
        import_users("csv", path, "--errors", str(tmp_path / name))
    assert path.read_text() == before
