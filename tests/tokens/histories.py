"""A small exhaustive model: every history of an app, or of an app and a thief, against the real rotation.

The tree of histories is walked depth first; the device row is put back before each branch, so that no prefix runs twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import time_machine

from accounts.core.errors import Problem
from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.tokens import refresh, refresh_token

GAPS = (5, 20, 7200)
"""Seconds before a try: a parallel call, a retry, an app that was suspended."""


@dataclass(frozen=True)
class Try:
    """`who` presents the token they hold, `gap` seconds after the last try; `lost` answers are acted on but never arrive."""

    who: str
    gap: int
    lost: bool = False


@dataclass(frozen=True)
class Party:
    """`attempt` names the retry key: made before a try, kept until an answer arrives."""

    token: str
    keys: bool
    attempt: int = 0

    def key(self, who: str) -> str:
        return f"{who} {self.attempt}" if self.keys else ""


@dataclass(frozen=True)
class Moment:
    """The world after a history: what the parties hold, the row, the time, and what was answered."""

    parties: dict[str, Party]
    row: dict[str, Any]
    time: float
    history: tuple[Try, ...] = ()
    answers: tuple[str, ...] = ()
    generations: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        return self.row["revoked_at"] is None

    @property
    def last(self) -> str:
        return self.answers[-1]

    def shared(self) -> frozenset[int]:
        """The generations that app and thief have both presented."""
        return self.generations.get("app", frozenset()) & self.generations.get("thief", frozenset())


def beginning(device: Device, time: float, **keys: bool) -> Moment:
    """Everybody named in `keys` holds the same first token; the value says whether they send retry keys."""
    token = refresh.current_token(device)
    return Moment({who: Party(token, sends) for who, sends in keys.items()}, _row(device), time)


def histories(start: Moment, letters: tuple[Try, ...], depth: int, clock: time_machine.Traveller) -> Iterator[Moment]:
    """Every moment of every history up to `depth` tries; one that ended the device is not continued."""
    if not depth or not start.alive:
        return
    for letter in letters:
        moment = _after(start, letter, clock)
        yield moment
        yield from histories(moment, letters, depth - 1, clock)


def _after(start: Moment, letter: Try, clock: time_machine.Traveller) -> Moment:
    Device.objects.filter(id=start.row["id"]).update(**start.row)
    clock.move_to(start.time + letter.gap)
    party = start.parties[letter.who]
    generation = refresh_token.read(party.token).counter
    try:
        rotation = refresh.rotate(party.token, retry_key=party.key(letter.who), source=NOWHERE)
    except Problem as problem:
        answer = problem.code
    else:
        answer = rotation.outcome.value
        if not letter.lost:
            party = replace(party, token=rotation.refresh_token, attempt=party.attempt + 1)
    return Moment(
        parties={**start.parties, letter.who: party},
        row=_row(Device(id=start.row["id"])),
        time=start.time + letter.gap,
        history=(*start.history, letter),
        answers=(*start.answers, answer),
        generations={**start.generations, letter.who: start.generations.get(letter.who, frozenset()) | {generation}},
    )


def _row(device: Device) -> dict[str, Any]:
    return Device.objects.filter(id=device.id).values().get()
