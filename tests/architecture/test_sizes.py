"""Sizes of files and functions (docs/architecture.md): small files that do one thing."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("accounts", "api", "project")


@cache
def files() -> list[Path]:
    return [path for room in CODE for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            doc = node.body[0] if ast.get_docstring(node, clean=False) is not None else None
            lines = (node.end_lineno or 0) - node.lineno + 1
            yield node.name, lines - ((doc.end_lineno or 0) - doc.lineno + 1 if doc else 0)


def percentile(values: list[int], share: float) -> int:
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_file_is_short_and_its_functions_too(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 400
    assert [name for name, lines in functions(path) if lines > 50] == []


def test_files_are_short_as_a_whole() -> None:
    lengths = [len(path.read_text().splitlines()) for path in files()]
    assert percentile(lengths, 0.5) <= 90
    assert percentile(lengths, 0.95) <= 300


def test_functions_are_short_as_a_whole() -> None:
    lengths = [lines for path in files() for _, lines in functions(path)]
    assert percentile(lengths, 0.5) <= 8
    assert percentile(lengths, 0.95) <= 30


@pytest.mark.parametrize(("kind", "limit"), [("views", 20), ("serializers", 15)])
def test_rules_do_not_hide_in(kind: str, limit: int) -> None:
    chosen = [path for path in files() if kind in path.parts or path.stem == kind]
    assert percentile([lines for path in chosen for _, lines in functions(path)] or [0], 0.95) <= limit


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path: Path) -> None:
    if path.stem != "urls":
        assert ast.get_docstring(ast.parse(path.read_text()))


def test_conftest_is_short() -> None:
    assert len((ROOT / "tests" / "conftest.py").read_text().splitlines()) <= 200
