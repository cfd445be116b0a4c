"""examples/verifiers/node, with jose as pinned here, checks every token vector right and fails closed (SECURITY V-06)."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.vectors import book

from . import workshop


@pytest.mark.processes
@pytest.mark.slow
def test_V06_every_vector_has_its_verdict_in_node(tmp_path: Path) -> None:
    try:
        workshop.require_node()
    except workshop.NoNode as reason:
        pytest.skip(str(reason))
    vectors = tmp_path / "token-vectors.json"
    vectors.write_text(json.dumps(book()))
    folder = workshop.with_packages("verifier")
    for source in ("examples/verifiers/node/verifier.mjs", "tests/interop/verifier/verifier.test.mjs"):
        shutil.copy(workshop.ROOT / source, folder)
    command = ("node", "--test", "--test-reporter=spec", str(folder / "verifier.test.mjs"))
    printed = workshop.run(*command, folder=folder, env={"VECTORS": str(vectors)})
    assert "pass 0" not in printed, printed
