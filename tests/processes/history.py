"""What clients were told, written down as it happens, and the checker that holds the database to it (SECURITY 8, I1-I7).

Imports nothing of the project: tokens are read by their published form, tables by plain SQL.
"""

import base64
import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from .tables import rows


@dataclass(frozen=True)
class Entry:
    """One request of one client.

    `status` is None when no answer came, `note` the answer's code or `X-Refresh`, `given` its refresh token.
    """

    client: int
    action: str
    presented: str
    sent: float
    answered: float
    status: int | None
    note: str = ""
    given: str = ""
    device: str = ""


@dataclass
class History:
    """A file of entries, one JSON object a line."""

    path: Path
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, entry: Entry) -> None:
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps(asdict(entry)) + "\n")

    def read(self) -> list[Entry]:
        return [Entry(**json.loads(line)) for line in self.path.read_text().splitlines()]


def violations(history: Iterable[Entry], database_url: str) -> list[str]:
    """Everything that must not be; empty when every promise was kept."""
    entries = list(history)
    tables = _tables(database_url)
    return [
        *_odd_answers(entries),
        *_forks(entries),
        *_used_after_sign_out(entries),
        *_not_recovered(entries),
        *_lost(entries, tables),
        *_accused(tables),
    ]


def lost(history: Iterable[Entry], database_url: str) -> list[str]:
    """What was acknowledged and is not in this database, which may be a copy."""
    return [*_lost(list(history), _tables(database_url))]


def _odd_answers(entries: list[Entry]) -> Iterator[str]:
    """Honest clients hear success, or 503 and try again."""
    for entry in entries:
        if entry.status not in {None, 200, 204, 503}:
            yield f"odd answer: {entry.status} {entry.note} to {entry.action} of {entry.client} at {entry.sent}"


def _forks(entries: list[Entry]) -> Iterator[str]:
    """I1: a refresh token never has two successors."""
    successors = defaultdict(set)
    for entry in entries:
        if entry.action == "refresh" and entry.given:
            successors[entry.presented].add(entry.given)
    for token, given in successors.items():
        if len(given) > 1:
            yield f"fork: {len(given)} successors of generation {generation(token)} of {device_of(token)}"


def _used_after_sign_out(entries: list[Entry]) -> Iterator[str]:
    """I2, I6: nothing is given to a device after its sign-out was acknowledged."""
    ended = {
        device_of(entry.presented): entry.answered for entry in entries if entry.action == "sign_out" and entry.status == 204
    }
    for entry in entries:
        if entry.action == "refresh" and entry.status == 200 and entry.sent > ended.get(entry.device, time.time()):
            yield f"revived: {entry.device} was given a token after its sign-out"


def _not_recovered(entries: list[Entry]) -> Iterator[str]:
    """I5: whoever got no answer to a refresh gets it by asking again, without signing in."""
    of_client = defaultdict(list)
    for entry in entries:
        of_client[entry.client].append(entry)
    for client, mine in of_client.items():
        for entry, following in pairwise(mine):
            if entry.action == "refresh" and entry.status != 200 and following.presented != entry.presented:
                yield f"not recovered: {client} could not repeat its refresh at {entry.sent}"
        if mine[-1].status is None:
            yield f"not recovered: {client} ended without an answer"


def _lost(entries: list[Entry], tables: "Tables") -> Iterator[str]:
    """I3, I7: every acknowledged sign-in, rotation and sign-out is in the database, with its event."""
    for entry in entries:
        if entry.given and entry.device not in tables.counters:
            yield f"lost: {entry.action} of device {entry.device}"
        elif entry.given and tables.counters[entry.device] < generation(entry.given):
            yield f"lost: rotation {generation(entry.given)} of {entry.device}, which is at {tables.counters[entry.device]}"
        if entry.action == "sign_in" and entry.given and (entry.device, "sign_in.succeeded") not in tables.events:
            yield f"lost: event of the sign-in of {entry.device}"
        if entry.action == "sign_out" and entry.status == 204:
            device = device_of(entry.presented)
            if device not in tables.ended:
                yield f"lost: sign-out of {device}"
            if (device, "device.revoked") not in tables.events:
                yield f"lost: event of the sign-out of {device}"


def _accused(tables: "Tables") -> Iterator[str]:
    """All clients here are honest."""
    for device, event in tables.events:
        if event.startswith("refresh_"):
            yield f"accused: {event} of {device}"


@dataclass(frozen=True)
class Tables:
    """The database after the run, by device (32 hexadecimal digits)."""

    counters: dict[str, int]
    ended: set[str]
    events: set[tuple[str, str]]


def _tables(database_url: str) -> Tables:
    devices = rows(database_url, "SELECT id, counter, revoked_at FROM accounts_device")
    events = rows(database_url, "SELECT device_id, event FROM accounts_auditevent WHERE device_id IS NOT NULL")
    return Tables(
        counters={digits(device): counter for device, counter, _ in devices},
        ended={digits(device) for device, _, revoked_at in devices if revoked_at is not None},
        events={(digits(device), event) for device, event in events},
    )


def digits(identifier: Any) -> str:
    return str(identifier).replace("-", "")


def device_of(refresh_token: str) -> str:
    """`rt1.` + base64url(16 bytes of device id, 4 of generation, 32 of MAC)."""
    return _body(refresh_token)[:16].hex()


def generation(refresh_token: str) -> int:
    return int.from_bytes(_body(refresh_token)[16:20], "big")


def _body(refresh_token: str) -> bytes:
    text = refresh_token.removeprefix("rt1.")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
