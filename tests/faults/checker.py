"""The verdict, from the history file alone: no import from the project, from the injector or from the apps.

A history is JSON lines: `wire` (what reached the server and what it truly answered), `refresh` (what an app saw),
`theft`, `probe` (was an access token accepted?), `mail`, `signed in`, `fault`. Tokens appear as fingerprints.
"""

import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

BUDGET = 3
"""So many generations in a row may be answered a second time without proof (DESIGN, Rotation)."""
LONGEST_LIFE_AFTER_END = 1.0
"""Seconds for which an access token may outlive its device."""
RIDER = "rides the race window"

_NEVER = float("inf")

Event = dict[str, Any]


@dataclass
class History:
    """The events, sorted into what the rules ask for."""

    events: list[Event]

    @classmethod
    def read(cls, path: Path) -> "History":
        return cls([json.loads(line) for line in path.read_text().splitlines()])

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event["kind"] == kind]

    @cached_property
    def settings(self) -> Event:
        """`strict`, and the windows in seconds: `race`, `rescue`."""
        return self.of("run")[0]

    @cached_property
    def refreshes(self) -> list[Event]:
        """Exchanges at the refresh endpoint, each with the device it was about, in the order of their answers."""
        found = [event for event in self.of("wire") if event["path"].endswith("/refresh/") and event["status"]]
        for event in found:
            event["device"] = event["device"] or self.owner.get(event["presented"], "")
        return sorted(found, key=lambda event: float(event["answered"]))

    @cached_property
    def answered(self) -> list[Event]:
        return [event for event in self.refreshes if event["status"] == 200]

    @cached_property
    def owner(self) -> dict[str, str]:
        """Refresh token → device."""
        return {event["given"]: event["device"] for event in self.of("wire") if event["given"]}

    @cached_property
    def successor(self) -> dict[str, str]:
        return {event["presented"]: event["given"] for event in self.answered}

    @cached_property
    def stolen(self) -> dict[str, float]:
        """Device → when a thief first played its token. Before that moment nobody may be accused."""
        plays = [event for event in self.refreshes if event["who"] == "thief"]
        return dict(reversed([(event["device"], event["sent"]) for event in plays]))

    @cached_property
    def ended(self) -> dict[str, Event]:
        """Device → the first refusal that said so."""
        refused = [event for event in self.refreshes if event["code"] in {"token_reused", "device_revoked"}]
        return {event["device"]: event for event in reversed(refused)}

    @cached_property
    def swap(self) -> dict[str, Event]:
        """Presented token → the exchange that rotated it."""
        return {event["presented"]: event for event in self.answered if event["outcome"] == "rotated"}

    def is_proven(self, event: Event) -> bool:
        """Carries the key with which the token was rotated; true of the rotation itself."""
        swap = self.swap.get(event["presented"])
        return swap is event or (swap is not None and bool(event["key"]) and event["key"] == swap["key"])

    def elapsed(self, event: Event) -> tuple[float, float]:
        """Seconds from the rotation of the token to its coming back, at least and at most: seen from outside."""
        swap = self.swap.get(event["presented"], event)
        return float(event["sent"] - swap["answered"]), float(event["answered"] - swap["sent"])

    def may_be_accused(self, device: str, at: float) -> bool:
        return self.stolen.get(device, _NEVER) <= at or device in self.overdue

    @cached_property
    def overdue(self) -> set[str]:
        """Devices that, with nothing to prove themselves, came back later or more often than the contract allows: on a
        machine without a free processor even a second is short. None on a quiet one."""
        ends = {device: event for device, event in self.ended.items() if not self.is_proven(event)}
        return {device for device, event in ends.items() if self._was_late(event) or self._was_often(event)}

    def _was_late(self, event: Event) -> bool:
        return bool(event["code"] == "device_revoked" and self.elapsed(event)[1] > self.settings["rescue"])

    def _was_often(self, event: Event) -> bool:
        """One generation more than the budget, in a row, came back outside the race window."""
        again = {other["presented"] for other in self.refreshes if self.elapsed(other)[1] > self.settings["race"]}
        parent = {given: presented for presented, given in self.successor.items()}
        token, count = event["presented"], 0
        while token in again:
            token, count = parent.get(token, ""), count + 1
        return count > BUDGET


@dataclass
class Verdict:
    """`broken` maps each rule to what broke it; the run has passed when nothing did."""

    broken: dict[str, list[str]] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def has_passed(self) -> bool:
        return not any(self.broken.values())


def judge(history: History) -> Verdict:
    rules = {
        "a refresh token has two successors": forks(history),
        "a token was rotated twice": rotated_twice(history),
        "an older generation was answered": stale_answers(history),
        "an unproven one was answered too late": late_answers(history),
        "an honest request was refused": refused_requests(history),
        "an honest device was signed out": signed_out(history),
        "a mail accused without a theft": false_mails(history),
        "a device spent more than its budget": overspent(history),
        "a thief was kept": kept(history),
        "an ended device was answered": answered_after_end(history),
        "an access token outlived its device": late_access(history),
        "the server failed": failures(history),
    }
    return Verdict(rules, figures(history))


def forks(history: History) -> list[str]:
    given: dict[str, set[str]] = defaultdict(set)
    for event in history.answered:
        given[event["presented"]].add(event["given"])
    parents: dict[str, set[str]] = defaultdict(set)
    for presented, successors in given.items():
        for successor in successors:
            parents[successor].add(presented)
    return [token for tokens in (given, parents) for token, others in tokens.items() if len(others) > 1]


def rotated_twice(history: History) -> list[str]:
    counted = Counter(event["presented"] for event in history.answered if event["outcome"] == "rotated")
    return [token for token, count in counted.items() if count > 1]


def stale_answers(history: History) -> list[str]:
    """Once somebody holds generation g + 2, a request with g that is sent later must be refused."""
    known_at: dict[str, float] = {}
    for event in history.answered:
        known_at.setdefault(event["given"], event["answered"])
    grand = {token: history.successor.get(successor, "") for token, successor in history.successor.items()}
    return [_name(event) for event in history.answered if known_at.get(grand[event["presented"]], _NEVER) < event["sent"]]


def late_answers(history: History) -> list[str]:
    """Without proof: never after the rescue window, and on a strict server never a second time, as long as keys are used."""
    window = -_NEVER if history.settings["strict"] else history.settings["rescue"]
    return [_name(event) for event in history.answered if not history.is_proven(event) and history.elapsed(event)[0] > window]


def refused_requests(history: History) -> list[str]:
    refused = [event for event in history.refreshes if event["status"] == 401]
    return [_name(event) for event in refused if not history.may_be_accused(event["device"], event["answered"])]


def signed_out(history: History) -> list[str]:
    ends = [event for event in history.of("refresh") if event["result"] != "ok"]
    return [f"{event['person']}: {event['result']}" for event in ends if not history.may_be_accused(event["device"], event["at"])]


def false_mails(history: History) -> list[str]:
    """Each device that ended for reuse is worth one mail to its owner; whatever is beyond that is a false accusation."""
    ends = [event for event in history.ended.values() if event["code"] == "token_reused"]
    accused = [event for event in ends if history.may_be_accused(event["device"], event["answered"])]
    mine = [event for event in accused if history.may_be_accused(event["device"], event["answered"])]
    deserved = Counter(f"{event['person']}@example.com" for event in mine)
    sent = Counter(event["to"] for event in history.of("mail"))
    return [f"{to}: {count} sent, {deserved[to]} deserved" for to, count in sent.items() if count > deserved[to]]


def overspent(history: History) -> list[str]:
    return [device for device, runs in spent_runs(history).items() if max(runs, default=0) > BUDGET]


def spent_runs(history: History) -> dict[str, list[int]]:
    """Device → lengths of the runs of neighbouring generations that were answered again outside the race window, unproven."""
    spent: dict[str, set[int]] = defaultdict(set)
    generation: dict[str, int] = {}
    for event in history.answered:
        number = generation.setdefault(event["presented"], 0)
        generation.setdefault(event["given"], number + 1)
        if event["outcome"] == "rescued" and not history.is_proven(event):
            spent[event["device"]].add(number)
    return {device: [len(list(run)) for _, run in _neighbours(sorted(numbers))] for device, numbers in spent.items()}


def _neighbours(numbers: list[int]) -> Any:
    return groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0])


def kept(history: History) -> list[str]:
    """Every thief who played must be out at the end. Who rides the race window may stay, unless the server is strict."""
    thefts = [
        event for event in history.of("theft") if event["device"] in history.stolen and event["device"] not in history.ended
    ]
    return [
        f"{event['person']}: {event['strategy']}" for event in thefts if history.settings["strict"] or event["strategy"] != RIDER
    ]


def answered_after_end(history: History) -> list[str]:
    ended = {device: event["answered"] for device, event in history.ended.items()}
    return [_name(event) for event in history.answered if event["sent"] > ended.get(event["device"], _NEVER)]


def late_access(history: History) -> list[str]:
    """The device had ended by the time of the refusal that said so."""
    ended = {device: event["answered"] + LONGEST_LIFE_AFTER_END for device, event in history.ended.items()}
    late = [event for event in history.of("probe") if event["began"] > ended.get(event["device"], _NEVER)]
    return [event["device"] for event in late if event["status"] == 200]


def failures(history: History) -> list[str]:
    """503 is an honest answer; anything else from 500 on is not, nor a connection that the server dropped."""
    return [_name(event) for event in history.of("wire") if event["status"] >= 500 and event["status"] != 503]


def figures(history: History) -> dict[str, float]:
    outcomes = Counter(event["outcome"] for event in history.answered)
    faults = Counter(event["name"] for event in history.of("fault"))
    thefts = [event for event in history.of("theft") if event["device"] in history.stolen]
    out = [event for event in thefts if event["device"] in history.ended]
    ends = Counter(history.ended[event["device"]]["code"] for event in out)
    steps = sorted(thief_steps(history)[event["device"]] for event in out)
    riders = [event for event in thefts if event["strategy"] == RIDER]
    took = sorted(event["answered"] - event["sent"] for event in history.refreshes)
    return {
        "devices": len({event["device"] for event in history.of("signed in")}),
        "refreshes asked for by apps": len(history.of("refresh")),
        "generations rotated": outcomes["rotated"],
        "requests at the server": len(history.refreshes),
        "dropped before the server": faults["dropped before"],
        "dropped after the commit": faults["dropped after"],
        "delayed": faults["delayed"],
        "request held past the time-out": faults["request held"],
        "answer held past the time-out": faults["answer held"],
        "doubled": faults["doubled"],
        "overtaken by a later one": faults["reordered"],
        "answered again: raced": outcomes["raced"],
        "answered again: rescued": outcomes["rescued"],
        "  proven by the retry key": sum(history.is_proven(event) for event in history.answered if event["outcome"] == "rescued"),
        "server said 503": sum(event["status"] == 503 for event in history.refreshes),
        "thieves who played": len(thefts),
        "thieves out": len(out),
        "  as theft, with a mail": ends["token_reused"],
        "  quietly, too late to tell": ends["device_revoked"],
        "answers a thief got: median": steps[len(steps) // 2] if steps else 0,
        "answers a thief got: most": max(steps, default=0),
        "riders of the race window": len(riders),
        "  of them kept": sum(event["device"] not in history.ended for event in riders),
        "mails to owners": len(history.of("mail")),
        "honest devices signed out": len(signed_out(history)),
        "  overdue by contract": len(history.overdue - history.stolen.keys()),
        "refresh at the server, median ms": round(took[len(took) // 2] * 1000, 1) if took else 0,
        "refresh at the server, p99 ms": round(took[len(took) * 99 // 100] * 1000, 1) if took else 0,
    }


def thief_steps(history: History) -> Counter[str]:
    """Device → how many refreshes were answered to its thief."""
    return Counter(event["device"] for event in history.answered if event["who"] == "thief")


def _name(event: Event) -> str:
    return f"{event['person']} {event['who']} at {event.get('sent')}: {event['status']} {event['code']}"


def report(verdict: Verdict) -> str:
    rows = [f"  {name:34} {value:>10,.10g}" for name, value in verdict.figures.items()]
    rules = [f"  {'ok' if not found else 'BROKEN':7} never: {rule}{_examples(found)}" for rule, found in verdict.broken.items()]
    return "\n".join([*rows, "", *rules])


def _examples(found: list[str]) -> str:
    return f" ({len(found)}, such as {'; '.join(found[:3])})" if found else ""


if __name__ == "__main__":
    read = judge(History.read(Path(sys.argv[1])))
    sys.stdout.write(report(read) + "\n")
    sys.exit(not read.has_passed)
