"""The oldest versions we run on (SECURITY Y-09)."""

import os
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest

from project import floors
from project.floors import is_new_enough

DJANGO = floors.REQUIRED["Django"]
HERE: dict[str, str] = {name: floors.find_version(name) or "" for name in floors.REQUIRED}


def installed(**changes: str) -> Callable[[str], str | None]:
    """What is here, but for these."""
    found = {**HERE, **{name.replace("_", "-"): version for name, version in changes.items()}}
    return lambda name: found.get(name) or None


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("5.2.17", False),
        ("5.2.18", True),
        ("5.2.19", True),
        ("5.1.99", False),
        ("6.0.8", False),
        ("6.0.9", True),
        ("6.1", False),
        ("6.1.2", True),
        ("6.1.2rc1", False),
        ("6.2", True),
        ("10.0", True),
        ("nonsense", False),
    ],
)
def test_each_series_has_a_floor_of_its_own(version: str, expected: bool) -> None:
    assert is_new_enough(version, DJANGO) is expected


def test_Y09_what_is_installed_here_is_new_enough() -> None:
    assert floors.problems() == []


@pytest.mark.parametrize("name", sorted(floors.REQUIRED))
def test_Y09_an_old_or_missing_package_is_named(name: str) -> None:
    old = floors.problems(lambda asked: "0.1" if asked == name else installed()(asked))
    missing = floors.problems(lambda asked: None if asked == name else installed()(asked))
    assert [sentence.startswith(f"{name} 0.1 is older than") for sentence in old] == [True]
    assert missing == [f"{name} is not installed."]


@pytest.mark.parametrize("name", sorted(floors.FORBIDDEN))
def test_Y08_a_forbidden_package_is_named(name: str) -> None:
    (sentence,) = floors.problems(installed(**{name.replace("-", "_"): "3.3.0"}))
    assert sentence.startswith(f"{name} 3.3.0 is installed: ")


def test_a_package_that_may_be_absent_is_judged_when_it_is_there() -> None:
    assert floors.problems(installed(Authlib="1.9.1")) == []
    assert floors.problems(installed(Authlib="1.9.0")) != []


def test_Y09_requirements_are_at_or_above_the_floors() -> None:
    pinned = dict(
        line.split(" ")[0].split("==")
        for line in (Path(__file__).resolve().parents[2] / "requirements.txt").read_text().splitlines()
        if "==" in line and not line.startswith(" ")
    )
    assert [name for name, floor in floors.REQUIRED.items() if not is_new_enough(pinned[name.lower()], floor)] == []


@pytest.mark.skipif(not os.environ.get("CI"), reason="a calendar must not break a clone; CI sets CI")
def test_Y09_the_list_was_looked_at_within_sixty_days() -> None:
    assert date.today() - floors.REVIEWED <= timedelta(days=60)
