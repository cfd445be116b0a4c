"""Import an opened export: batches of one transaction each, and a word about every entry.

A bad entry never stops the rest. A run that was cut short is run again: whoever is in the database is passed by.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import TypeVar

from django.db import DataError, IntegrityError
from django.utils import timezone

from accounts.passwords.legacy.costs import UnusableHash

from .acceptable import AlreadyImported, Taken, in_database, require_new, tidied
from .person import BadEntry, ImportedUser
from .reading import Entry
from .roles import RoleRules
from .source import Source
from .store import format_of, store

_BATCH = 500
MOVED = "has another address here"

T = TypeVar("T")
Read = tuple[Entry, ImportedUser]


class Outcome(StrEnum):
    IMPORTED = "imported"
    SKIPPED = "skipped"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one entry. `reason` never holds a password, a hash or an address."""

    line: int
    outcome: Outcome
    reason: str = ""


@dataclass(slots=True)
class Summary:
    """`remarks` counts what was said of entries that were not refused."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    remarks: Counter[str] = field(default_factory=Counter)
    # One stored hash of each format. It is never shown: `legacy.decoy` makes another of it that is nobody's.
    examples: dict[str, str] = field(default_factory=dict)

    def count(self, person: ImportedUser) -> None:
        name = format_of(person)
        self.formats[name] += 1
        self.examples.setdefault(name, person.password)


@dataclass(slots=True)
class _Run:
    origin: str
    dry_run: bool
    roles: RoleRules
    tell: Callable[[Verdict], None]
    at: datetime = field(default_factory=timezone.now)
    met: Taken = field(default_factory=Taken)
    summary: Summary = field(default_factory=Summary)

    def judged(self, entry: Entry, outcome: Outcome, reason: str = "") -> None:
        self.summary.outcomes[outcome] += 1
        self.tell(Verdict(entry.line, outcome, reason))

    def passed(self, entry: Entry, outcome: Outcome, remarks: tuple[str, ...] = ()) -> None:
        self.summary.remarks.update(remarks)
        self.judged(entry, outcome, ", ".join(remarks))


def run(source: Source, *, origin: str, dry_run: bool, roles: RoleRules, tell: Callable[[Verdict], None]) -> Summary:
    """`tell` hears of every entry, in order of batches.

    Whoever has a verified address comes first, wherever they stand in the file: somebody else may have typed the same
    one there and never shown that it is theirs (SECURITY L-10).
    """
    this = _Run(origin, dry_run, roles, tell)
    unproven: list[Read] = []
    for entries in _batches(source.entries.stream):
        read = list(_read(this, source, entries))
        unproven += [(entry, person) for entry, person in read if not _is_proven(person)]
        _import(this, [(entry, person) for entry, person in read if _is_proven(person)])
    for waiting in _batches(unproven):
        _import(this, waiting)
    for entry in source.afterwards():
        this.judged(entry, Outcome.REFUSED, entry.broken)
    return this.summary


def _batches(found: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(found)
    while batch := list(islice(iterator, _BATCH)):
        yield batch


def _is_proven(person: ImportedUser) -> bool:
    return person.email is None or person.email_verified


def _read(this: _Run, source: Source, entries: list[Entry]) -> Iterator[Read]:
    for entry in entries:
        if entry.broken:
            this.judged(entry, Outcome.REFUSED, entry.broken)
            continue
        try:
            yield entry, tidied(source.read(entry.data))
        except (BadEntry, UnusableHash) as error:
            this.judged(entry, Outcome.REFUSED, str(error))
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
            # An export of an odd shape. The exception's own words could quote the entry.
            this.judged(entry, Outcome.REFUSED, "the entry is not of the form that this source has")


def _import(this: _Run, read: list[Read]) -> None:
    """Judge a batch against the database and the entries before it, and store what is new."""
    stored = in_database([person for _, person in read])
    refused_roles = this.roles.refused({role for _, person in read for role in person.roles})
    accepted = []
    for entry, person in read:
        try:
            require_new(person, stored, this.met, refused_roles)
        except AlreadyImported as already:
            this.passed(entry, Outcome.SKIPPED, (MOVED,) if already.moved else ())
        except BadEntry as error:
            this.judged(entry, Outcome.REFUSED, str(error))
        else:
            this.met.claim(person)
            accepted.append((entry, person))
    _store(this, accepted)


def _store(this: _Run, accepted: list[Read]) -> None:
    """Together; and if the database refuses that, one by one, so that it is known whom it does not take."""
    try:
        if accepted and not this.dry_run:
            store([person for _, person in accepted], origin=this.origin, at=this.at)
    except (IntegrityError, DataError):
        if len(accepted) == 1:
            this.judged(accepted[0][0], Outcome.REFUSED, "the database does not take this entry")
            return
        for pair in accepted:
            _store(this, [pair])
        return
    for entry, person in accepted:
        this.summary.count(person)
        this.passed(entry, Outcome.IMPORTED, person.left_out)
