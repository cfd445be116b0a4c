"""The table of mutants keeps up with the code: each text is there once, each test exists."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.mutants.authorisation import EVERY as MUTANTS
from tests.mutants.table import Mutant

ROOT = Path(__file__).resolve().parents[2]


@cache
def functions(file: str) -> set[str]:
    return {node.name for node in ast.walk(ast.parse((ROOT / file).read_text())) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_mutant_is_up_to_date(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text().count(mutant.old) == 1
    assert mutant.new != mutant.old
    for test in mutant.tests:
        file, _, name = test.partition("::")
        assert (ROOT / file).exists()
        assert not name or name.partition("[")[0] in functions(file)


def test_names_are_different() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_edits_are_different() -> None:
    texts = [mutated(mutant) for mutant in MUTANTS]
    assert [one.name for one in MUTANTS if texts.count(mutated(one)) > 1] == []


def mutated(mutant: Mutant) -> tuple[str, str]:
    """However the edit is written down."""
    return mutant.file, (ROOT / mutant.file).read_text().replace(mutant.old, mutant.new).replace("gate.Admission(", "Admission(")
