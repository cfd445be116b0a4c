"""JSON lists with an entry that JSON's reader cannot take: it is refused alone."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.users.models import User
from tests.support.imports import import_users

pytestmark = pytest.mark.django_db
FIRST, LAST = (
    '{"email": "first@example.com", "displayName": "a ] } , \\" [ {"}',
    '{"email": "last@example.com", "photoUrl": [{}]}',
)


def imported(path: Path, document: bytes) -> str:
    path.write_bytes(document)
    return import_users("firebase", path)


@pytest.mark.parametrize("odd", [
    b'{"email": "odd@example.com", "x": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    b'{"email": "odd@example.com", "x": ' + b"9" * 5000 + b"}",
    '{"email": "odd@example.com", "displayName": "Jürgen"}'.encode("cp1252"),
    b'{"email": "odd@example.com", "x": 1 2}',
    b"nonsense",
], ids=["deep", "long number", "encoding", "syntax", "no value"])  # fmt: skip
@pytest.mark.parametrize("before", [b'{"users": [', b'{"kind": "users", "more": {"users": [1, 2]}, "users" : ['])
def test_entry_that_cannot_be_read_never_stops_the_rest(tmp_path: Path, odd: bytes, before: bytes) -> None:
    document = before + b",\n".join([FIRST.encode(), odd, LAST.encode()]) + b"]}"
    said = imported(tmp_path / "users.json", document)
    assert "2 imported, 0 here already, 1 refused." in said
    assert said.startswith("2: ")
    assert {user.email for user in User.objects.all()} == {"first@example.com", "last@example.com"}
    assert User.objects.get(email="first@example.com").name == json.loads(FIRST)["displayName"]


@pytest.mark.parametrize("document", [
    b'{"users": [' + FIRST.encode() + b', {"email": "last', b'{"users": [' + FIRST.encode(), b'{"users": "x", 7 8}', b"[1 2",
])  # fmt: skip
def test_file_that_ends_in_the_middle_stops_the_run(tmp_path: Path, document: bytes) -> None:
    with pytest.raises(CommandError, match="not JSON, or ends in the middle"):
        imported(tmp_path / "users.json", document)
    assert not User.objects.exists()
