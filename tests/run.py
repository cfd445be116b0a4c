"""`make test`: the whole suite on SQLite, what races on PostgreSQL too, and what needs real servers last.

`SLOW=1` adds the tests that wait for half a minute and more; CI sets it.
"""

import os
import subprocess
import sys
import time

PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header"]
POSTGRES = [sys.executable, "-m", "tests.support.postgres", "--"]
_TESTS_FAILED = 1
SLOW = "" if os.environ.get("SLOW") else " and not slow"

PHASES: list[tuple[str, list[str]]] = [
    ("SQLite", [*PYTEST, "-n", "2", "-m", "not processes and not slow"]),
    ("PostgreSQL: races, feed, limits", [*POSTGRES, *PYTEST, "-m", f"both_databases{SLOW}"]),
    # File by file on both cores: most of them wait for something.
    ("real servers", [*PYTEST, "-n", "2", "--dist", "loadfile", "-m", f"(processes or slow){SLOW}"]),
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
    alone = [part for part in command[:-1] if part not in {"-n", "2", "--dist", "loadfile"}]
    return [*alone, f"({command[-1]}) and {marker}", "--last-failed", "--last-failed-no-failures", "none", *options]


if __name__ == "__main__":
    sys.exit(main())
