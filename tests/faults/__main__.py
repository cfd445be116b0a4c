"""`make faults`: the full size, on a lenient and on a strict server; prints one table."""

import argparse
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import checker, fleet


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a quarter of a minute")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="play an earlier weather again")
    parser.add_argument("--keep", type=Path, help="a folder for the histories")
    chosen = parser.parse_args()
    sizes = {"short": fleet.SHORT} if chosen.short else {"lenient": fleet.FULL, "strict": fleet.STRICT}
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary, ThreadPoolExecutor() as pool:
        folder, began = chosen.keep or Path(temporary), time.monotonic()
        sys.stdout.write(f"{', '.join(map(_described, sizes.items()))}; seed {chosen.seed}\n")
        sys.stdout.flush()
        runs = {name: pool.submit(_run, size, folder / name, chosen.seed) for name, size in sizes.items()}
        verdicts = {name: run.result() for name, run in runs.items()}
    sys.stdout.write(f"\n{checker.table(verdicts)}\n\n{time.monotonic() - began:.0f} s\n")
    if any(verdict.figures[checker.OVERDUE] for verdict in verdicts.values()):
        sys.stdout.write(
            "This machine was too busy for the windows of this run: devices came back later than the contract allows.\n"
        )
        return 2
    return 0 if all(verdict.has_passed for verdict in verdicts.values()) else 1


def _run(size: fleet.Size, folder: Path, seed: int) -> checker.Verdict:
    folder.mkdir(parents=True)
    return checker.judge(checker.History.read(fleet.run(size, folder, seed=seed)))


def _described(named: tuple[str, fleet.Size]) -> str:
    name, size = named
    return f"{name}: {size.phones} phones × {size.rounds} refreshes, {size.thieves + size.riders} thieves"


if __name__ == "__main__":
    sys.exit(main())
