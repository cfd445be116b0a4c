"""`make faults`: the full size, on a lenient and on a strict server; prints one table for each."""

import argparse
import sys
import tempfile
import time
from pathlib import Path

from . import checker, fleet


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--short", action="store_true", help="a quarter of a minute")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="play an earlier weather again")
    parser.add_argument("--keep", type=Path, help="a folder for the histories")
    chosen = parser.parse_args()
    sizes = {"short": fleet.SHORT} if chosen.short else {"lenient": fleet.FULL, "strict": fleet.STRICT}
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
        passed = [_run(name, size, (chosen.keep or Path(temporary)) / name, chosen.seed) for name, size in sizes.items()]
    return 0 if all(passed) else 1


def _run(name: str, size: fleet.Size, folder: Path, seed: int) -> bool:
    folder.mkdir(parents=True)
    sys.stdout.write(
        f"{name}: {size.phones} phones × {size.rounds} refreshes, {size.thieves + size.riders} thieves, seed {seed}\n"
    )
    sys.stdout.flush()
    began = time.monotonic()
    verdict = checker.judge(checker.History.read(fleet.run(size, folder, seed=seed)))
    outcome = "holds" if verdict.has_passed else "BROKEN"
    sys.stdout.write(f"{checker.report(verdict)}\n\n  {outcome}, {time.monotonic() - began:.0f} s\n\n")
    return verdict.has_passed


if __name__ == "__main__":
    sys.exit(main())
