"""Node and the packages pinned in rivals/node, which setup.sh installs under var/: nothing of npm's lies in the tree."""

import json
import shutil
import subprocess
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / "var" / "benchmarks" / "node"
_VERIFIER = _HERE.parent / "examples" / "verifiers" / "node" / "verifier.mjs"
_PINS = _HERE / "rivals" / "node" / "package.json"
_OLDEST = 20


def missing() -> str:
    """Why nothing can be run in Node; empty when it can."""
    if not shutil.which("node"):
        return "Node is not installed"
    if int(version().removeprefix("v").split(".")[0]) < _OLDEST:
        return f"Node {version()} is too old: {_OLDEST} is needed"
    if not (_FOLDER / "installed.json").exists():
        return "npm has not installed the packages of benchmarks/rivals/node"
    return ""


def script(name: str) -> str:
    """The path of one of ours, copied to where Node finds the packages, with the verifier beside it."""
    for source in (_PINS.parent / name, _VERIFIER):
        shutil.copy(source, _FOLDER)
    return str(_FOLDER / name)


def version() -> str:
    """As `node --version` says it."""
    return subprocess.run(["node", "--version"], check=True, capture_output=True, text=True).stdout.strip()


def packages() -> dict[str, str]:
    """What is measured in Node, and Node, with their versions; nothing when that is missing."""
    pinned: dict[str, str] = json.loads(_PINS.read_text())["dependencies"]
    return {} if missing() else {"node": version(), **pinned}
