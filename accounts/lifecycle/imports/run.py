"""Import an opened export: batches of one transaction each, and a word about every entry.

A bad entry never stops the rest. A run that was cut short is run again: whoever is in the database is passed by.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import islice

from django.contrib.auth.models import Group
from django.db import DataError, IntegrityError
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.passwords.legacy.costs import UnusableHash

from .acceptable import AlreadyImported, Taken, in_database, require_new, tidied
from .person import BadEntry, ImportedUser
from .reading import Entry
from .source import Source
from .store import groups_named, store

_BATCH = 500


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
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    formats: Counter[str] = field(default_factory=Counter)
    # One stored hash of each format. It is never shown: `legacy.decoy` makes another of it that is nobody's.
    examples: dict[str, str] = field(default_factory=dict)

    def count(self, person: ImportedUser) -> None:
        algorithm = person.password.partition("$")[0] or "none"
        self.formats[algorithm] += 1
        self.examples.setdefault(algorithm, person.password)


@dataclass(slots=True)
class _Run:
    source: Source
    dry_run: bool
    create_roles: bool
    tell: Callable[[Verdict], None]
    at: datetime = field(default_factory=timezone.now)
    met: Taken = field(default_factory=Taken)
    summary: Summary = field(default_factory=Summary)

    def judged(self, entry: Entry, outcome: Outcome, reason: str = "") -> None:
        self.summary.outcomes[outcome] += 1
        self.tell(Verdict(entry.line, outcome, reason))


def run(source: Source, *, name: str, dry_run: bool, create_roles: bool, tell: Callable[[Verdict], None]) -> Summary:
    """`tell` hears of every entry, in order of batches. Records one audit event, also of a run that was interrupted."""
    this = _Run(source, dry_run, create_roles, tell)
    try:
        while batch := list(islice(source.entries.stream, _BATCH)):
            _import(this, list(_read(this, batch)))
    finally:
        if not dry_run and this.summary.outcomes:
            counts = {outcome.value: count for outcome, count in this.summary.outcomes.items()}
            record(Event.USERS_IMPORTED, origin=name, counts=counts, formats=dict(this.summary.formats))
    return this.summary


def _read(this: _Run, batch: list[Entry]) -> Iterator[tuple[Entry, ImportedUser]]:
    for entry in batch:
        if entry.broken:
            this.judged(entry, Outcome.REFUSED, entry.broken)
            continue
        try:
            yield entry, tidied(this.source.read(entry.data))
        except (BadEntry, UnusableHash) as error:
            this.judged(entry, Outcome.REFUSED, str(error))
        except (ValueError, TypeError, LookupError, ArithmeticError, AttributeError):
            # An export of an odd shape. The exception's own words could quote the entry.
            this.judged(entry, Outcome.REFUSED, "the entry is not of the form that this source has")


def _import(this: _Run, read: list[tuple[Entry, ImportedUser]]) -> None:
    """Judge a batch against the database and the entries before it, and store what is new."""
    stored = in_database([person for _, person in read])
    wanted = {role for _, person in read for role in person.roles}
    groups = groups_named(wanted, create=this.create_roles and not this.dry_run)
    accepted = []
    for entry, person in read:
        try:
            require_new(person, stored, this.met, wanted if this.create_roles else groups)
        except AlreadyImported:
            this.judged(entry, Outcome.SKIPPED)
        except BadEntry as error:
            this.judged(entry, Outcome.REFUSED, str(error))
        else:
            this.met.claim(person)
            accepted.append((entry, person))
    _store(this, accepted, groups)


def _store(this: _Run, accepted: list[tuple[Entry, ImportedUser]], groups: dict[str, Group]) -> None:
    """Together; and if the database refuses that, one by one, so that it is known whom it does not take."""
    try:
        if accepted and not this.dry_run:
            store([person for _, person in accepted], groups, at=this.at)
    except (IntegrityError, DataError):
        if len(accepted) == 1:
            this.judged(accepted[0][0], Outcome.REFUSED, "the database does not take this entry")
            return
        for pair in accepted:
            _store(this, [pair], groups)
        return
    for entry, person in accepted:
        this.summary.count(person)
        this.judged(entry, Outcome.IMPORTED)
