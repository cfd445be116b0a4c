"""Lists that people keep are compared with the code."""

import re
from pathlib import Path

import pytest

from project import settings

ROOT = Path(__file__).resolve().parents[2]
# `NAME_FILE` is read for every NAME; a name that ends so of itself is a setting.
NAMES = {
    name for name in settings.env.known if not name.endswith("_FILE") or name.removesuffix("_FILE") not in settings.env.known
}


def test_every_setting_has_a_line_in_the_page_and_no_line_lies() -> None:
    lines = re.findall(r"^\| `([A-Z0-9_]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    assert sorted(lines) == sorted(NAMES)


def test_example_environment_names_every_setting() -> None:
    lines = re.findall(r"^(?:# )?([A-Z0-9_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(lines) == sorted(NAMES)


def test_example_environment_shows_the_defaults() -> None:
    page = dict(
        re.findall(r"^\| `([A-Z0-9_]+)` \|[^|]*\| `([^`]+)` \|", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE)
    )
    shown = dict(re.findall(r"^# ([A-Z0-9_]+)=(.+)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert {name: value for name, value in shown.items() if page.get(name) != value} == {}


def test_operating_page_names_every_check_and_no_other() -> None:
    named = re.findall(r"`(?:signet\.)?([EW]\d{3})`", (ROOT / "docs" / "operating.md").read_text())
    assert set(named) == set(re.findall(r'id="signet\.([EW]\d{3})"', (ROOT / "project" / "checks.py").read_text()))


def test_operating_page_names_every_metric_and_no_other() -> None:
    code = "".join(path.read_text() for room in ("accounts", "api", "project") for path in (ROOT / room).rglob("*.py"))
    named = re.findall(r"^\| `(signet_\w+)", (ROOT / "docs" / "operating.md").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(set(re.findall(r'"(signet_\w+)"', code)))


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/**/*.md")) + sorted(ROOT.glob("*.md")), ids=lambda path: path.name)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []
