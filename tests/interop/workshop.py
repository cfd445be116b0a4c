"""Where the TypeScript client is built: a copy of the sources under `var/`, so that nothing of npm's lies in the tree."""

import fcntl
import filecmp
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORKSHOP = ROOT / "var" / "interop"
HERE = WORKSHOP / "tests" / "interop"
_SOURCES = ("tests/interop/src", "examples/mobile/src")
_FILES = ("tests/interop/tsconfig.json", "examples/mobile/package.json")
_PACKAGES = ("package.json", "package-lock.json")
_OLDEST_NODE = 20
_SECONDS = 300


class NoNode(Exception):
    """Node and npm are not there, or too old."""


class NoGo(Exception):
    """Go is not there."""


class Failed(Exception):
    """A step ended badly; the message is what it printed."""


def require_node() -> None:
    """Raises `NoNode`."""
    if not shutil.which("npm") or not shutil.which("node"):
        raise NoNode(f"Node {_OLDEST_NODE} or newer and npm are needed")
    version = run("node", "--version", folder=ROOT).strip()
    if int(version.removeprefix("v").split(".")[0]) < _OLDEST_NODE:
        raise NoNode(f"Node {version} is too old: {_OLDEST_NODE} is needed")


def require_go() -> None:
    """Raises `NoGo`."""
    if not shutil.which("go"):
        raise NoGo("Go is needed")


def build(document: bytes) -> list[Path]:
    """Types from the OpenAPI document, the client against them; answers the compiled tests. Raises `Failed`."""
    with _alone():
        _install()
        _copy_sources()
        (HERE / "schema.json").write_bytes(document)
        run("npm", "run", "--silent", "generate", folder=HERE)
        run("npm", "run", "--silent", "build", folder=HERE)
    return sorted((HERE / "build" / "tests" / "interop" / "src").glob("*.test.js"))


def with_packages(name: str) -> Path:
    """A folder in which Node finds the pinned packages, and what `tests/interop` has under its name. Raises `Failed`."""
    with _alone():
        _install()
        shutil.copytree(ROOT / "tests/interop" / name, HERE / name, copy_function=_copy_news, dirs_exist_ok=True)
    return HERE / name


def run(*command: str, folder: Path, env: Mapping[str, str] | None = None) -> str:
    """What it printed. Raises `Failed` with that, when it ended badly."""
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=_SECONDS,
    )
    if done.returncode:
        raise Failed(f"{' '.join(command)}\n{done.stdout}")
    return done.stdout


@contextmanager
def _alone() -> Iterator[None]:
    WORKSHOP.mkdir(parents=True, exist_ok=True)
    with (WORKSHOP / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _copy_sources() -> None:
    shutil.rmtree(HERE / "build", ignore_errors=True)
    for name in _SOURCES:
        shutil.rmtree(WORKSHOP / name, ignore_errors=True)
        shutil.copytree(ROOT / name, WORKSHOP / name)
    for name in _FILES:
        shutil.copy(ROOT / name, WORKSHOP / name)


def _copy_news(source: str, target: str) -> None:
    """Nothing is written anew that another test may be reading just now."""
    if not Path(target).exists() or not filecmp.cmp(source, target, shallow=False):
        shutil.copy(source, target)


def _install() -> None:
    """Once for each lock file."""
    sources = [ROOT / "tests" / "interop" / name for name in _PACKAGES]
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    mark = HERE / "node_modules" / ".installed"
    if mark.exists() and mark.read_text() == wanted:
        return
    HERE.mkdir(parents=True, exist_ok=True)
    for path in sources:
        shutil.copy(path, HERE)
    run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", folder=HERE)
    mark.write_text(wanted)
