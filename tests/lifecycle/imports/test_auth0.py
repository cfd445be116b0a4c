"""Auth0's two files: a hash finds its person through linked accounts, and none is lost in silence."""

import json
from pathlib import Path
from typing import Any

import pytest

from accounts.users.models import User
from tests.support.imports import BCRYPT, import_users
from tests.support.ways import opens

pytestmark = pytest.mark.usefixtures("db")
OTHER = BCRYPT.replace("CCCCCCCCCCCCCCCCCCCCC.", "abcdefghijklmnopqrstu.")


def lines(path: Path, *entries: dict[str, Any] | str) -> Path:
    path.write_text("".join((entry if isinstance(entry, str) else json.dumps(entry)) + "\n" for entry in entries))
    return path


def user(user_id: str, name: str, *linked: tuple[str, str]) -> dict[str, Any]:
    identities = [{"provider": provider, "user_id": own, "connection": provider} for provider, own in linked]
    return {"user_id": user_id, "email": f"{name}@example.com", "email_verified": True, "identities": identities}


def test_hash_of_a_linked_account_is_its_owners(tmp_path: Path) -> None:
    people = lines(tmp_path / "users", user("google-oauth2|1", "ada", ("google-oauth2", "1"), ("auth0", "x")))
    hashes = lines(tmp_path / "hashes", {"_id": {"$oid": "x"}, "passwordHash": BCRYPT})
    said = import_users("auth0", people, "--passwords", str(hashes))
    assert "1 imported, 0 here already, 0 refused." in said
    assert opens("ada@example.com", "U*U")
    assert User.objects.get().identities.get().subject == "1"


def test_of_two_hashes_that_of_the_first_account_counts_and_the_other_is_reported(tmp_path: Path) -> None:
    people = lines(tmp_path / "users", user("auth0|a", "ada", ("auth0", "a"), ("auth0", "b")))
    rows = [{"_id": {"$oid": "b"}, "passwordHash": OTHER}, {"_id": {"$oid": "a"}, "passwordHash": BCRYPT}]
    said = import_users("auth0", people, "--passwords", str(lines(tmp_path / "hashes", *rows)))
    assert "1: in the file of passwords: nobody in the export has this hash" in said
    assert "1 imported, 0 here already, 1 refused." in said
    assert opens("ada@example.com", "U*U")


@pytest.mark.parametrize(("broken", "reason"), [
    ("{", "the line is not JSON"), ('{"passwordHash": "x"}', "there is no `user_id`"), ("7", "the entry is not an object"),
    ('{"user_id": "auth0|z", "passwordHash": 7}', "`passwordHash` is not text"),
    ('{"user_id": "auth0|z", "passwordHash": "$2a$05$x"}', "nobody in the export has this hash"),
    (json.dumps({"user_id": "auth0|a", "passwordHash": OTHER}), "an earlier line is of the same user"),
])  # fmt: skip
def test_bad_line_in_the_file_of_passwords_never_stops_the_rest(tmp_path: Path, broken: str, reason: str) -> None:
    people = lines(tmp_path / "users", user("auth0|a", "ada"), user("auth0|b", "bob"))
    hashes = lines(
        tmp_path / "hashes",
        {"user_id": "auth0|a", "passwordHash": BCRYPT}, broken, {"user_id": "auth0|b", "passwordHash": BCRYPT},
    )  # fmt: skip
    errors = tmp_path / "errors"
    said = import_users("auth0", people, "--passwords", str(hashes), "--errors", str(errors))
    assert "2 imported, 0 here already, 1 refused." in said
    assert errors.read_text().splitlines() == ["line,reason", f"2,in the file of passwords: {reason}"]
    assert opens("ada@example.com", "U*U")
    assert opens("bob@example.com", "U*U")
