"""SECURITY.md lists the ids that code and tests use, each once, each with a test of that name."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| ([A-Z]{1,2}-\d\d) \| (.+) \|$", re.MULTILINE)
ROWS = _ROW.findall((ROOT / "SECURITY.md").read_text())
# The ids of the list of threats that this project is held to: so many of each group, from 01, without a gap.
THREATS = {
    **{"J": 29, "K": 15, "R": 32, "X": 1, "C": 17, "E": 16, "P": 26, "F": 14},
    **{"D": 16, "O": 48, "L": 19, "A": 16, "B": 16, "S": 16, "W": 8, "G": 10, "Y": 10},
}
CODE = [path for house in ("accounts", "api", "project") for path in (ROOT / house).rglob("*.py")]
TESTS = list((ROOT / "tests").rglob("*.py"))


def cited(paths: list[Path]) -> Iterator[str]:
    """`SECURITY R-24`, or several after one word."""
    for path in paths:
        for ids in re.findall(r"SECURITY ((?:[A-Z]{1,2}-\d\d(?:,| and)?\s*)+)", path.read_text()):
            yield from re.findall(r"[A-Z]{1,2}-\d\d", ids)


def ids_of_tests() -> Iterator[str]:
    for path in TESTS:
        for ids in re.findall(r"def test_((?:[A-Z]{1,2}\d\d_)+)", path.read_text()):
            for letters, number in re.findall(r"([A-Z]{1,2})(\d\d)_", ids):
                yield f"{letters}-{number}"


def test_every_id_has_one_row() -> None:
    ids = [found for found, _ in ROWS]
    assert sorted(ids) == sorted(set(ids))
    assert {*cited(CODE), *cited(TESTS), *ids_of_tests()} - set(ids) == set()


def test_every_threat_has_a_row() -> None:
    known = {f"{group}-{number:02}" for group, count in THREATS.items() for number in range(1, count + 1)}
    assert known - {name for name, _ in ROWS} == set()


@pytest.mark.parametrize(("name", "text"), ROWS, ids=[name for name, _ in ROWS])
def test_row_is_shown_by_a_test_of_its_name_or_says_why_it_does_not_apply(name: str, text: str) -> None:
    """So that `pytest -k` with the id runs what shows it."""
    assert (name in set(ids_of_tests())) != ("does not apply, because " in text)
    paths = re.findall(r"`(tests/[\w./-]+)`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []
