"""Measures everything and reports: one table on the terminal, `results.json` and `chart.svg` beside it."""

import argparse
import tempfile
from pathlib import Path
from time import monotonic

from . import report, rounds, signet
from .cores import LOAD_CORE, stay_on
from .rivals.prepare import django_rivals, fastapi_rivals
from .rows import table
from .sizes import FULL, QUICK

GROUPS = ("in_process", "requests", "refreshes")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of several; writes to var/benchmarks")
    parser.add_argument("--rivals-only", action="store_true", help="leave Signet out and compare the others")
    parser.add_argument("--only", choices=GROUPS, action="append", help="one measurement; may be repeated")
    return parser.parse_args()


def main() -> None:
    """Run."""
    options = arguments()
    stay_on(LOAD_CORE)
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        measured = _measure(options, Path(name))
    rows = report.rows(measured)
    print(table(rows))
    print(report.footnotes(measured, monotonic() - started))
    print(f"written: {report.write(measured, rows, whole=not (options.quick or options.rivals_only or options.only))}")


def _measure(options: argparse.Namespace, folder: Path) -> report.Measured:
    pace = QUICK if options.quick else FULL
    wanted = options.only or GROUPS
    ours = [] if options.rivals_only else [signet.prepare(folder / "signet")]
    drf, fastapi = django_rivals(folder / "rivals"), fastapi_rivals()
    measured = report.Measured({contender.name: contender.label for contender in [*ours, *drf, *fastapi]})
    if "in_process" in wanted:
        measured.in_process = rounds.in_process([*ours, *drf], pace)
    if "requests" in wanted:
        measured.requests = rounds.requests([*ours, *drf, *fastapi], pace, folder)
    if "refreshes" in wanted:
        refreshers = [contender for contender in [*ours, *drf] if contender.refresh_tokens]
        measured.refreshes, measured.rows_left = rounds.refreshes(refreshers, pace, folder)
    return measured


if __name__ == "__main__":
    main()
