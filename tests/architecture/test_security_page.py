"""SECURITY.md lists the ids that code and tests use, each once, each with what shows it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| ([A-Z]{1,2}-\d\d) \| (.+) \|$", re.MULTILINE)
ROWS = _ROW.findall((ROOT / "SECURITY.md").read_text())
CODE = [path for house in ("accounts", "api", "project") for path in (ROOT / house).rglob("*.py")]
TESTS = list((ROOT / "tests").rglob("*.py"))


def cited(paths: list[Path]) -> Iterator[str]:
    """`SECURITY R-24`, or several after one word."""
    for path in paths:
        for ids in re.findall(r"SECURITY ((?:[A-Z]{1,2}-\d\d(?:,| and)?\s*)+)", path.read_text()):
            yield from re.findall(r"[A-Z]{1,2}-\d\d", ids)


def ids_of_tests() -> Iterator[str]:
    for path in TESTS:
        for letters, number in re.findall(r"def test_([A-Z]{1,2})(\d\d)_", path.read_text()):
            yield f"{letters}-{number}"


def test_every_id_has_one_row() -> None:
    ids = [found for found, _ in ROWS]
    assert sorted(ids) == sorted(set(ids))
    assert {*cited(CODE), *cited(TESTS), *ids_of_tests()} - set(ids) == set()


@pytest.mark.parametrize(("name", "text"), ROWS, ids=[name for name, _ in ROWS])
def test_row_is_shown_by_a_test_or_says_what_shows_it_or_why_it_does_not_apply(name: str, text: str) -> None:
    paths = re.findall(r"`(tests/[\w./-]+)`", text)
    shown = name in {*ids_of_tests(), *cited(TESTS)} or paths or "`make " in text
    assert shown or "does not apply, because " in text
    assert [path for path in paths if not (ROOT / path).exists()] == []
