"""Import people from another system (docs/importing.md)."""

import csv
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError

from accounts.lifecycle.imports import issuers, sources
from accounts.lifecycle.imports.issuers import UnknownIssuer
from accounts.lifecycle.imports.origin import Origin
from accounts.lifecycle.imports.reading import UnreadableExport
from accounts.lifecycle.imports.roles import RoleRules
from accounts.lifecycle.imports.run import MOVED, Outcome, Summary, Verdict, run
from accounts.passwords.hashing import Argon2idHasher
from accounts.passwords.legacy import decoy

_BAR = 30
_BETWEEN_DRAWS = 0.2


class Command(BaseCommand):
    help = "Import people from another system's export, with their passwords where it gives them. Safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--from", dest="source", required=True, choices=sources.NAMES)
        parser.add_argument("--dry-run", action="store_true", help="Say of every entry what would become of it; write nothing.")
        parser.add_argument("--errors", type=Path, metavar="FILE", help="Where refused entries go, as CSV of line and reason.")
        parser.add_argument("--create-roles", action="store_true", help="Make roles that do not exist; they allow nothing yet.")
        parser.add_argument(
            "--grant",
            action="append",
            default=[],
            metavar="ROLE",
            help="Give this role although it has permissions here; again for more.",
        )
        parser.add_argument("--tenant", default="", help="Which system of this kind it is, where several give the same ids.")
        parser.add_argument(
            "--issuer",
            action="append",
            default=[],
            metavar="NAME=ISSUER",
            help="Which of our issuers a connection there is; again for more.",
        )
        parser.add_argument("--passwords", type=Path, metavar="FILE", help="auth0: the export of password hashes.")
        parser.add_argument("--model", default="auth.user", help="django: the user model in the dump (default: auth.user).")

    def handle(self, *args: Any, **options: Any) -> None:
        origin = _origin(options["source"], options["tenant"], options["issuer"])
        _refuse_to_overwrite(options["errors"], options["file"], options["passwords"])
        try:
            source = sources.opened(origin, options["file"], passwords=options["passwords"], model=options["model"])
            with _refusals(options["errors"], self.stderr) as refused:
                teller = _Teller(source.entries.total, refused, self.stdout if options["dry_run"] else None)
                summary = run(
                    source,
                    origin=origin.name,
                    dry_run=options["dry_run"],
                    roles=RoleRules(create=options["create_roles"], granted=frozenset(options["grant"])),
                    tell=teller.tell,
                )
                teller.finish()
        except (UnreadableExport, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_in_words(summary, dry_run=options["dry_run"]))
        if line := _decoy(summary):
            self.stdout.write(
                f"Until most of them have signed in, hide who they are from a stopwatch (docs/importing.md):\n{line}"
            )


def _origin(source: str, tenant: str, named: list[str]) -> Origin:
    pairs = {name: issuer for name, _, issuer in (word.partition("=") for word in named)}
    try:
        return Origin(source, tenant, issuers.known(pairs))
    except UnknownIssuer as error:
        raise CommandError(f"--issuer: {error}.") from None
    except ValueError as error:
        raise CommandError(f"--tenant: {error}") from None


def _refuse_to_overwrite(errors: Path | None, *read: Path | None) -> None:
    if errors and errors.exists() and any(path and path.exists() and path.samefile(errors) for path in read):
        raise CommandError("--errors names a file that is to be read.")


class _Teller:
    """Hears of every entry: a bar on a terminal, a line in a dry run, refusals into their file."""

    def __init__(self, total: int, refused: Any, lines: Any) -> None:
        self.total, self.refused, self.lines = total, refused, lines
        self.seen, self.begun, self.drawn = 0, time.monotonic(), 0.0
        self.draws = lines is None and sys.stderr.isatty()

    def tell(self, verdict: Verdict) -> None:
        self.seen += 1
        if verdict.outcome is Outcome.REFUSED:
            self.refused(verdict)
        if self.lines is not None:
            self.lines.write(f"{verdict.line}: {verdict.outcome.value}{f' ({verdict.reason})' if verdict.reason else ''}")
        if self.draws and time.monotonic() - self.drawn >= _BETWEEN_DRAWS:
            self.draw()

    def draw(self) -> None:
        self.drawn = time.monotonic()
        share = min(1.0, self.seen / max(1, self.total))
        rate = self.seen / max(0.001, self.drawn - self.begun)
        bar = ("█" * int(share * _BAR)).ljust(_BAR, "·")
        sys.stderr.write(f"\r{bar} {share:4.0%}  {self.seen:,} of {self.total:,}  {rate:,.0f}/s ")
        sys.stderr.flush()

    def finish(self) -> None:
        if self.draws:
            self.draw()
            sys.stderr.write("\n")


@contextmanager
def _refusals(path: Path | None, stderr: Any) -> Iterator[Any]:
    """What is called with each refused entry: it goes into the file, or to stderr without one."""
    if path is None:
        yield lambda verdict: stderr.write(f"{verdict.line}: {verdict.reason}")
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        yield _rows(file)


def _rows(file: TextIO) -> Any:
    writer = csv.writer(file)
    writer.writerow(["line", "reason"])

    def write(verdict: Verdict) -> None:
        writer.writerow([verdict.line, verdict.reason])
        file.flush()

    return write


def _in_words(summary: Summary, *, dry_run: bool) -> str:
    imported, skipped, refused = (summary.outcomes[outcome] for outcome in Outcome)
    verb = "would be imported" if dry_run else "imported"
    left_out, moved = summary.remarks.copy(), summary.remarks[MOVED]
    del left_out[MOVED]
    said = [f"{imported:,} {verb}, {skipped:,} here already, {refused:,} refused."]
    if left_out:
        said.append(f"Left out: {'; '.join(f'{what} ({count:,})' for what, count in left_out.most_common())}.")
    if moved:
        said.append(f"Of those here already, {moved:,} had another address: the same people, or another system (--tenant).")
    return "\n".join(said)


def _decoy(summary: Summary) -> str:
    """The most frequent imported format decides."""
    for algorithm, _ in summary.formats.most_common():
        if algorithm not in {"none", Argon2idHasher.algorithm}:
            return f"PASSWORD_DECOY='{decoy.like(summary.examples[algorithm])}'"
    return ""
