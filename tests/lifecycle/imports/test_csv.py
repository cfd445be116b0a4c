"""CSV that is not quite CSV: who comes in, and that every other line is in the report."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError

from accounts.users.models import User
from tests.support.imports import BCRYPT, import_users

pytestmark = pytest.mark.django_db
HEADER = "email,name,email_verified,password_hash,roles"


def imported(path: Path, *lines: str | bytes) -> tuple[set[str], dict[int, str]]:
    """The names in front of the @, and what the errors file says, by line; the header is line 1."""
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in (HEADER, *lines)))
    errors = path.with_suffix(".errors")
    import_users("csv", path, "--errors", str(errors))
    with errors.open(newline="") as file:
        refused = {int(row["line"]): row["reason"] for row in csv.DictReader(file)}
    return {str(user.email).partition("@")[0] for user in User.objects.all()}, refused


def row(name: str, shown: str = "") -> str:
    return f"{name}@example.com,{shown or name},true,,"


def test_stray_quote_costs_its_own_line_alone(tmp_path: Path) -> None:
    came, refused = imported(tmp_path / "people.csv", row("a", '"Ann'), row("b"), row("c", '"Cy, the ""third"""'), row("d"))
    assert came == {"b", "c", "d"}
    assert list(refused) == [2]
    assert "a quote that is not closed" in refused[2]


def test_stray_quote_far_above_swallows_nobody(tmp_path: Path) -> None:
    rows = [row(f"person{number}") for number in range(3000)]
    came, refused = imported(tmp_path / "people.csv", row("a", '"Ann'), *rows)
    assert len(came) == 3000
    assert list(refused) == [2]


def test_several_stray_quotes_cost_their_own_lines(tmp_path: Path) -> None:
    lines = [row("a", '"Ann'), row("b"), row("c", '"Cy'), row("d"), row("e", '"Eve" X'), row("f")]
    came, refused = imported(tmp_path / "people.csv", *lines)
    assert came == {"b", "d", "f"}
    assert list(refused) == [2, 4, 6]


def test_quote_inside_a_name_is_a_letter(tmp_path: Path) -> None:
    came, refused = imported(tmp_path / "people.csv", row("a", 'Ann "Annie" Lee'))
    assert (came, refused) == ({"a"}, {})
    assert User.objects.get().name == 'Ann "Annie" Lee'


SMUGGLED = f"victim@example.com,Victim,true,{BCRYPT},"


SMUGGLING = [
    f'"Mallory\n{SMUGGLED}\n"', f'"Mallory\r\n{SMUGGLED}\r\n"', f'"{"x" * 140_000}\n{SMUGGLED}\n"',
    f'"Mallory ""the\n{SMUGGLED}\n\nsecond"""', f'"\n{SMUGGLED}\n"',
]  # fmt: skip


@pytest.mark.parametrize("name", SMUGGLING, ids=range(len(SMUGGLING)))
def test_L10_name_with_line_breaks_brings_no_row_along(tmp_path: Path, name: str) -> None:
    """As a correct exporter writes somebody's name who put a row into it."""
    came, refused = imported(tmp_path / "people.csv", row("first"), f"mallory@example.com,{name},true,,", row("last"))
    assert came == {"first", "last"}
    assert refused[3] == "the row goes on in the next line"
    assert refused[4] == "the line belongs to the row that begins in line 3"


def test_line_in_another_encoding_is_refused_alone(tmp_path: Path) -> None:
    came, refused = imported(tmp_path / "people.csv", row("a"), row("j", "Jürgen").encode("cp1252"), row("b", "Jürgen"))
    assert (came, refused) == ({"a", "b"}, {3: "the line is not UTF-8"})
    assert User.objects.get(email="b@example.com").name == "Jürgen"


def test_name_that_lost_a_letter_before_the_export_is_refused(tmp_path: Path) -> None:
    came, refused = imported(tmp_path / "people.csv", row("a"), row("j", "J\ufffdrgen"))
    assert came == {"a"}
    assert "was lost on the way" in refused[3]


def test_line_ends_of_any_system_are_fine(tmp_path: Path) -> None:
    came, refused = imported(tmp_path / "people.csv", row("a") + "\r", "", "\r", row("b"))
    assert (came, refused) == ({"a", "b"}, {})


@pytest.mark.parametrize(("header", "sentence"), [
    ("email,email", "twice"), ('email,"name', "not CSV"), ("email,n\xe4me".encode("latin1"), "not CSV"), ("email;name", "lacks"),
    ("\ufeffemail,nickname", "unknown columns"),
])  # fmt: skip
def test_header_that_cannot_be_trusted_stops_the_run(tmp_path: Path, header: str | bytes, sentence: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes((header if isinstance(header, bytes) else header.encode()) + b"\na@example.com,Ann\n")
    with pytest.raises(CommandError, match=sentence):
        import_users("csv", path)
    assert not User.objects.exists()


def test_byte_order_mark_is_no_letter(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes("\ufeffemail,name\na@example.com,Ann\n".encode())
    assert "1 imported" in import_users("csv", path)
