"""`make test`: the suite on SQLite, what races on PostgreSQL, and real servers and browsers last; under five minutes.

`SLOW=1`, as CI sets it, adds what is marked `slow`, and runs the races of real servers on both databases.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header"]
POSTGRES = [sys.executable, "-m", "tests.support.postgres", "--"]
_TESTS_FAILED = 1
BY_FILE = ["-n", "2", "--dist", "loadfile"]


def _files(*markers: str) -> list[str]:
    """That hold one of the markers: to collect all tests for a hundred takes ten seconds. `slow` may stand in a conftest, too."""
    return [str(path) for path in sorted(Path("tests").rglob("test_*.py")) if any(one in path.read_text() for one in markers)]


EVERYTHING = bool(os.environ.get("SLOW"))
RACES = "both_databases" if EVERYTHING else "both_databases and not slow"
SERVERS = "processes or slow" if EVERYTHING else "processes and not slow and not both_databases"

PHASES: list[tuple[str, list[str]]] = [
    ("SQLite", [*PYTEST, "-n", "2", "-m", "not processes and not slow"]),
    ("PostgreSQL: races, feed, limits", [*POSTGRES, *PYTEST, *BY_FILE, *_files("both_databases"), "-m", RACES]),
    ("real servers", [*PYTEST, *BY_FILE, *([] if EVERYTHING else _files("processes")), "-m", SERVERS]),
]


def main() -> int:
    failed, retried = [], []
    for name, command in PHASES:
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        code = subprocess.run(command, check=False).returncode
        if code == _TESTS_FAILED and (late := _too_late(command)):
            retried += late
            code = _once_more(command)
        if code:
            failed.append(name)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
    if retried:
        print("\nneeded a second try, alone:\n" + "\n".join(f"  {test}" for test in retried))
    print(f"\n{'failed: ' + ', '.join(failed) if failed else 'all phases passed'}")
    return 1 if failed else 0


def _too_late(command: list[str]) -> list[str]:
    """What failed, if all of it is marked `deadline`: time missed on busy cores is no fault, anything else is."""
    return [] if _failures(command, "not deadline") else _failures(command, "deadline")


def _failures(command: list[str], marker: str) -> list[str]:
    listed = subprocess.run(_of_last_failed(command, marker, "--collect-only"), capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if "::" in line or line.startswith("ERROR")]


def _once_more(command: list[str]) -> int:
    """One after the other."""
    print("== once more, alone: what missed a deadline", flush=True)
    return subprocess.run(_of_last_failed(command, "deadline"), check=False).returncode


def _of_last_failed(command: list[str], marker: str, *options: str) -> list[str]:
    alone = [part for part in command[:-1] if part not in BY_FILE]
    return [*alone, f"({command[-1]}) and {marker}", "--last-failed", "--last-failed-no-failures", "none", *options]


if __name__ == "__main__":
    sys.exit(main())
