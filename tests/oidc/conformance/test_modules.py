"""Each module of the plans has a test of its name, and each warning that is meant stands in the documentation."""

import ast
import re
from pathlib import Path

from tests.oidc.conformance.modules import BACKCHANNEL_LOGOUT, BASIC, CONFIG, PLANS, RP_INITIATED_LOGOUT, name_of

HERE = Path(__file__).parent
DOCUMENT = (HERE.parents[2] / "docs" / "single-sign-on.md").read_text()
MODULES = {module for modules in PLANS.values() for module in modules}
NAMES = [
    node.name
    for path in HERE.glob("test_*.py")
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef)
]


def test_there_are_as_many_modules_as_the_suite_has() -> None:
    assert [len(set(modules)) for modules in (CONFIG, BASIC, RP_INITIATED_LOGOUT, BACKCHANNEL_LOGOUT)] == [1, 38, 11, 2]


def test_every_module_has_a_test_of_its_name() -> None:
    assert [module for module in sorted(MODULES) if NAMES.count(name_of(module)) != 1] == []


def test_every_test_that_is_named_for_a_module_names_one() -> None:
    assert {name for name in NAMES if name.startswith("test_oidcc_")} == {name_of(module) for module in MODULES}


def test_every_plan_and_each_module_that_warns_or_is_skipped_is_one_of_these() -> None:
    section = DOCUMENT.partition("## What the conformance suite asks")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(oidcc-[\w-]+-test-plan)`", section)) == set(PLANS)
    assert set(re.findall(r"`(oidcc-[\w-]+)`", section)) <= {*PLANS, *MODULES}
