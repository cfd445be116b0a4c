"""A TypeScript client made of the OpenAPI document alone goes through every flow, with the auth layer of examples/mobile."""

import re
from pathlib import Path

import pytest

from .conftest import RunStory

STORIES = sorted(path.name.removesuffix(".test.ts") for path in (Path(__file__).parent / "src").glob("*.test.ts"))


@pytest.mark.processes
@pytest.mark.slow
@pytest.mark.parametrize("story", STORIES)
def test_client_goes_through(story: str, run_story: RunStory) -> None:
    run_story(story)


def test_no_lock_file_names_a_registry() -> None:
    root = Path(__file__).resolve().parents[2]
    for lock in (root / "tests/interop/package-lock.json", root / "examples/mobile/package-lock.json"):
        assert not re.search(r'"resolved"', lock.read_text())
        assert '"integrity"' in lock.read_text()
