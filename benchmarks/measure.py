"""Measures everything and reports: one table on the terminal, `results.json` and `chart.svg` beside it."""

import argparse
import json
import tempfile
from dataclasses import replace
from pathlib import Path
from time import monotonic

from . import golang, load, node, ratios, report, rounds, verifiers
from .children import run_module
from .contender import Contender
from .cores import LOAD_CORE, stay_on
from .field import Field, prepare
from .measured import Measured
from .rivals.prepare import unguarded
from .rows import table
from .sizes import FULL, QUICK, Pace

GROUPS = ("in_process", "requests", "refreshes", "userinfo", "exchanges", "verification")


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
    field = prepare(folder, rivals_only=options.rivals_only)
    ours, drf = field.ours, field.drf
    at_api_paths = [*map(_at_an_api_path, ours[:1])]
    ceiling = unguarded(drf[0])
    everybody = [*ours, *at_api_paths, *drf, *field.fastapi, *field.providers, ceiling]
    measured = Measured({contender.name: contender.label for contender in everybody})
    stay_on(LOAD_CORE)
    if "in_process" in wanted:
        measured.in_process = rounds.in_process([*ours, *at_api_paths, *drf], pace, folder)
    if "requests" in wanted:
        served = [*(contender.under_api() for contender in [*ours[:1], *drf, *field.fastapi]), ceiling]
        measured.requests, measured.retaken = rounds.requests(served, pace, folder)
    if "refreshes" in wanted:
        refreshers = [contender for contender in [*ours[:1], *drf] if contender.refresh_tokens]
        measured.refreshes, measured.rows_left = rounds.refreshes(refreshers, pace, folder)
        measured.commit_seconds = measured.refreshes.pop(rounds.DISK)
    if ours:
        _measure_providers(measured, field, wanted, pace, folder)
    return measured


def _measure_providers(measured: Measured, field: Field, wanted: tuple[str, ...], pace: Pace, folder: Path) -> None:
    if "userinfo" in wanted:
        measured.userinfo, retaken = rounds.requests(field.providers, pace, folder, load.userinfo)
        measured.retaken += retaken
    if "exchanges" in wanted:
        measured.exchanges = rounds.exchanges(field.providers, pace, folder)
    if "verification" in wanted:
        measured.verification = rounds.verification(verifiers.commands(), verifiers.given(field.ours[0]), pace, folder)
    if (reason := node.missing()) and {"userinfo", "exchanges", "verification"} & set(wanted):
        measured.left_out.append(f"oidc-provider and the verifier in Node, for {reason}")
    if (reason := golang.missing()) and "verification" in wanted:
        measured.left_out.append(f"the verifier in Go, for {reason}")


def _at_an_api_path(contender: Contender) -> Contender:
    """Both views where Signet passes its page layers by: the whole is faster, and what guarding costs is a larger part of it."""
    return replace(contender.under_api(), name=f"{contender.name}_api", label=f"{contender.label}, both under /api/v1/")


def _profile(options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        field = prepare(Path(name), rivals_only=options.rivals_only)
        contender = {each.name: each for each in [*field.ours, *field.drf]}[options.profile]
        given = json.dumps({"credentials": contender.credentials, "refresh_tokens": contender.refresh_tokens})
        paths = contender.guarded_path, contender.refresh_path
        print(run_module(contender.environ, "benchmarks.profiling", *paths, given=given))


if __name__ == "__main__":
    main()
