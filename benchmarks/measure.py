"""Measures everything and reports: one table on the terminal, `results.json` and `chart.svg` beside it."""

import argparse
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from time import monotonic

from . import ratios, report, rounds, signet
from .children import run_module
from .contender import Contender
from .cores import LOAD_CORE, stay_on
from .measured import Measured
from .rivals.prepare import django_rivals, fastapi_rivals, unguarded
from .rows import table
from .sizes import FULL, QUICK

GROUPS = ("in_process", "requests", "refreshes")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="benchmarks/run.py", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a minute instead of several; writes to var/benchmarks")
    parser.add_argument("--rivals-only", action="store_true", help="leave Signet out and compare the others")
    parser.add_argument("--only", choices=GROUPS, action="append", help="one measurement; may be repeated")
    parser.add_argument("--profile", metavar="NAME", help="signet, simplejwt_stateless, …: print where its time goes instead")
    return parser.parse_args()


def main() -> None:
    """Measure, or profile."""
    options = arguments()
    if options.profile:
        return _profile(options)
    started = monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        measured = _measure(options, Path(name))
    rows = ratios.rows(measured)
    print(table(rows))
    print(report.footnotes(measured, monotonic() - started))
    print(f"written: {report.write(measured, rows, whole=not (options.quick or options.rivals_only or options.only))}")


def _measure(options: argparse.Namespace, folder: Path) -> Measured:
    pace = QUICK if options.quick else FULL
    wanted = options.only or GROUPS
    ours, drf, fastapi = _prepare(options, folder)
    ceiling = unguarded(drf[0])
    everybody = [*ours, *map(_at_an_api_path, ours[:1]), *drf, *fastapi, ceiling]
    measured = Measured({contender.name: contender.label for contender in everybody})
    stay_on(LOAD_CORE)
    if "in_process" in wanted:
        measured.in_process = rounds.in_process([*ours, *map(_at_an_api_path, ours[:1]), *drf], pace, folder)
    if "requests" in wanted:
        served = [*(contender.under_api() for contender in [*ours[:1], *drf, *fastapi]), ceiling]
        measured.requests, measured.retaken = rounds.requests(served, pace, folder)
    if "refreshes" in wanted:
        refreshers = [contender for contender in [*ours[:1], *drf] if contender.refresh_tokens]
        measured.refreshes, measured.rows_left = rounds.refreshes(refreshers, pace, folder)
        measured.commit_seconds = measured.refreshes.pop(rounds.DISK)
    return measured


def _at_an_api_path(contender: Contender) -> Contender:
    """Both views where Signet passes its page layers by: the whole is faster, and what guarding costs is a larger part of it."""
    return replace(contender.under_api(), name=f"{contender.name}_api", label=f"{contender.label}, both under /api/v1/")


def _profile(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        ours, drf, _ = _prepare(options, Path(name))
        contender = {each.name: each for each in [*ours, *drf]}[options.profile]
        given = json.dumps({"credentials": contender.credentials, "refresh_tokens": contender.refresh_tokens})
        paths = contender.guarded_path, contender.refresh_path
        print(run_module(contender.environ, "benchmarks.profiling", *paths, given=given))


def _prepare(options: argparse.Namespace, folder: Path) -> tuple[list[Contender], list[Contender], list[Contender]]:
    """Seed the databases, side by side on both cores."""
    with ThreadPoolExecutor() as pool:
        ours = None if options.rivals_only else pool.submit(signet.prepare, folder / "signet")
        drf = django_rivals(folder / "rivals")
        return list(ours.result()) if ours else [], drf, fastapi_rivals()


if __name__ == "__main__":
    main()
