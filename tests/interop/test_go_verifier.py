"""examples/verifiers/go checks every token vector right and fails closed (SECURITY V-06)."""

import json
import shutil
from pathlib import Path

import pytest

from tests.support.vectors import book

from . import workshop

HERE = workshop.ROOT / "tests" / "interop" / "verifier_go"


@pytest.mark.processes
@pytest.mark.slow
def test_V06_every_vector_has_its_verdict_in_go(go: None, tmp_path: Path) -> None:
    vectors = tmp_path / "token-vectors.json"
    vectors.write_text(json.dumps(book()))
    for source in (*HERE.iterdir(), workshop.ROOT / "examples/verifiers/go/verifier.go"):
        shutil.copy(source, tmp_path)
    assert not workshop.run("gofmt", "-l", ".", folder=tmp_path)
    printed = workshop.run("go", "test", "-v", "./...", folder=tmp_path, env={"VECTORS": str(vectors)})
    assert printed.count("--- PASS: TestEveryToken/") == len(book()["tokens"]), printed
