"""Go, for the verifier of examples/: compiled under var/, where it needs nothing but Go's own library."""

import shutil
import subprocess
from pathlib import Path

_HERE = Path(__file__).resolve().parent
_FOLDER = _HERE.parent / "var" / "benchmarks" / "go"
_VERIFIER = _HERE.parent / "examples" / "verifiers" / "go" / "verifier.go"
_TURNS = _HERE / "rivals" / "go" / "verification.go"


def missing() -> str:
    """Why nothing can be run in Go; empty when it can."""
    return "" if shutil.which("go") else "Go is not installed"


def program() -> str:
    """The path of the compiled turns. They and the verifier are one package there: the time that stands is not for its users."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    shutil.copy(_TURNS, _FOLDER)
    written = _VERIFIER.read_text().replace("\npackage verifier\n", "\npackage main\n")
    (_FOLDER / _VERIFIER.name).write_text(written)
    (_FOLDER / "go.mod").write_text("module verification\n\ngo 1.19\n")
    subprocess.run(["go", "build", "-o", "verification", "."], cwd=_FOLDER, check=True)
    return str(_FOLDER / "verification")


def version() -> dict[str, str]:
    """What was measured with; nothing when it is missing."""
    if missing():
        return {}
    told = subprocess.run(["go", "version"], check=True, capture_output=True, text=True).stdout
    return {"go": told.split()[2].removeprefix("go")}
