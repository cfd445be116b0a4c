"""`make test`: the whole suite on SQLite, what races on PostgreSQL too, and what needs real servers last.

`SLOW=1` adds the tests that wait for half a minute and more; CI sets it.
"""

import os
import subprocess
import sys
import time

PYTEST = [sys.executable, "-m", "pytest", "-q", "--no-header"]
POSTGRES = [sys.executable, "-m", "tests.support.postgres", "--"]
SLOW = "" if os.environ.get("SLOW") else " and not slow"

PHASES: list[tuple[str, list[str]]] = [
    ("SQLite", [*PYTEST, "-n", "2", "-m", "not processes and not slow"]),
    ("PostgreSQL: races, feed, limits", [*POSTGRES, *PYTEST, "-m", f"both_databases{SLOW}"]),
    # File by file on both cores: most of them wait for something.
    ("real servers", [*PYTEST, "-n", "2", "--dist", "loadfile", "-m", f"(processes or slow){SLOW}"]),
]


def main() -> int:
    failed = []
    for name, command in PHASES:
        started = time.monotonic()
        print(f"\n== {name}", flush=True)
        if subprocess.run(command, check=False).returncode and not _passes_alone(command):
            failed.append(name)
        print(f"== {name}: {time.monotonic() - started:.0f} s", flush=True)
    print(f"\n{'failed: ' + ', '.join(failed) if failed else 'all phases passed'}")
    return 1 if failed else 0


def _passes_alone(command: list[str]) -> bool:
    """Once more, one after the other, what failed while both cores were busy: a deadline missed by the machine is no fault."""
    print("== once more, alone: what failed", flush=True)
    alone = [part for part in command if part not in {"-n", "2", "--dist", "loadfile"}]
    return subprocess.run([*alone, "--last-failed", "--last-failed-no-failures", "none"], check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
