"""examples/verifiers/node, with jose as pinned here, checks every token vector right and fails closed (SECURITY V-06)."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.vectors import book

from . import workshop


@pytest.mark.processes
@pytest.mark.slow
def test_V06_every_vector_has_its_verdict_in_node(node: None, tmp_path: Path) -> None:
    vectors = tmp_path / "token-vectors.json"
    vectors.write_text(json.dumps(book()))
    folder = workshop.with_packages("verifier")
    shutil.copy(workshop.ROOT / "examples/verifiers/node/verifier.mjs", folder)
    command = ("node", "--test", "--test-reporter=spec", str(folder / "verifier.test.mjs"))
    printed = workshop.run(*command, folder=folder, env={"VECTORS": str(vectors)})
    assert "pass 0" not in printed, printed
