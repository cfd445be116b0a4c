"""`make test` gives a second try to what missed a deadline, and to nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import run

pytestmark = [pytest.mark.processes, pytest.mark.slow]
LATE, WRONG, FINE = "assert 2 < 1", "assert 1 == 2", "assert True"
SUITE = """
import pytest

@pytest.mark.deadline
def test_late():
    {late}

def test_other():
    {other}
"""


def failed(folder: Path, late: str, other: str) -> list[str]:
    """A phase over a suite of two tests; answers what is to be tried again."""
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = deadline: by time alone\n")
    (folder / "test_suite.py").write_text(SUITE.format(late=late, other=other))
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", f"--rootdir={folder}", "-c", str(folder / "pytest.ini")]
    command += [str(folder), "-n", "2", "--dist", "loadfile", "-m", "not slow"]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 1
    return run._too_late(command)


def test_a_missed_deadline_is_tried_again(tmp_path: Path) -> None:
    assert failed(tmp_path, LATE, FINE) == ["test_suite.py::test_late"]


@pytest.mark.parametrize("late", [LATE, FINE])
def test_anything_else_is_not(tmp_path: Path, late: str) -> None:
    assert failed(tmp_path, late, WRONG) == []
