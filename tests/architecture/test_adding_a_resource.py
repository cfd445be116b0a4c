"""docs/adding-a-resource.md works as written: its blocks, added to a copy of the project, run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-resource.md"
COPIED = ("accounts", "api", "project", "templates", "static", "tests/support", "tests/api")
COPIED_FILES = ("manage.py", "pyproject.toml", "tests/__init__.py", "tests/conftest.py", "tests/settings.py")
_FENCE = re.compile(r'^```python file=(\S+)(?: below=(?:"([^`\n]+?)"|(\S+)))?\n(.*?)^```$', re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """`below`: the start of the last line that it goes under; empty for a file of its own."""

    path: str
    below: str
    text: str


def blocks() -> Iterator[Block]:
    for path, quoted, plain, text in _FENCE.findall(PAGE.read_text()):
        yield Block(path, quoted or plain, text)


def add(block: Block, project: Path) -> None:
    file = project / block.path
    if not block.below:
        assert not (ROOT / block.path).exists(), f"{block.path} is new on the page and exists in the project"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(block.text)
        return
    lines = file.read_text().splitlines(keepends=True)
    found = [number for number, line in enumerate(lines) if line.lstrip().startswith(block.below)]
    assert found, f"no line of {block.path} starts with {block.below}"
    lines.insert(found[-1] + 1, block.text)
    file.write_text("".join(lines))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the page's blocks in it."""
    folder = tmp_path_factory.mktemp("project")
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in COPIED_FILES:
        shutil.copy(ROOT / name, folder / name)
    for block in blocks():
        add(block, folder)
    assert run(folder, "project/fresh_environment.py", ".env").returncode == 0
    answer = run(folder, "manage.py", "makemigrations", "notes", "--name", "notes_and_their_owners")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return folder


def run(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """As somebody at a terminal of their own: nothing of this run's environment."""
    env = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_page_has_all_six_steps() -> None:
    steps = re.findall(r"^## (\d)\. ", PAGE.read_text(), re.MULTILINE)
    assert steps == list("123456")
    assert PAGE.read_text().count("```python") == len(list(blocks()))


@pytest.mark.slow
def test_notes_of_the_page_work(project: Path) -> None:
    answer = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/api/test_notes.py")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert f"{(project / 'tests/api/test_notes.py').read_text().count('def test_')} passed" in answer.stdout


@pytest.mark.slow
def test_notes_of_the_page_hold_the_rules_of_every_resource(project: Path) -> None:
    answer = run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/api/test_rules.py", "-k", "every or notes")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert int(re.findall(r"(\d+) passed", answer.stdout)[-1]) > 10


@pytest.mark.slow
def test_notes_of_the_page_are_in_the_openapi_document(project: Path) -> None:
    answer = run(project, "manage.py", "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json")
    assert answer.returncode == 0, answer.stderr
    assert '"/api/v1/notes/"' in answer.stdout
    assert '"x-permission": "notes.delete_note"' in answer.stdout


def test_page_touches_few_places_of_the_project() -> None:
    assert {block.path for block in blocks() if block.below} == {
        "project/settings.py",
        "accounts/tokens/scopes.py",
        "api/access_rules.py",
        "api/urls.py",
    }
