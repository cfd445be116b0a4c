"""What happened, read from the history file.

A history is JSON lines: `wire` (what reached the server and what it truly answered), `refresh` (what an app saw),
`theft`, `probe` (was an access token accepted?), `mail`, `signed in`, `fault`. Tokens appear as fingerprints.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

BUDGET = 3
"""So many generations may be answered a second time without proof; each between them that was not gives one back."""
NEVER = float("inf")

Event = dict[str, Any]


def spent(generations: Iterable[int]) -> int:
    """The most of the budget that was ever used up, when these generations, ascending, were answered again."""
    level, most, last = 0, 0, -1
    for number in generations:
        level, last = max(0, level - (number - last - 1)) + 1, number
        most = max(most, level)
    return most


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
    def refused(self) -> list[Event]:
        """By a server that says that the device has ended."""
        return [event for event in self.refreshes if event["code"] in {"token_reused", "device_revoked"}]

    @cached_property
    def ended(self) -> dict[str, Event]:
        """Device → the refusal that ended it: the accusation if there was one, else the first."""
        by_weight = sorted(self.refused, key=lambda event: bool(event["code"] == "token_reused"), reverse=True)
        return {event["device"]: event for event in reversed(by_weight)}

    @cached_property
    def ended_at(self) -> dict[str, float]:
        """Device → the first answer from which somebody knew that it had ended."""
        return {event["device"]: float(event["answered"]) for event in reversed(self.refused)}

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
        return self.stolen.get(device, NEVER) <= at or device in self.overdue

    @cached_property
    def overdue(self) -> set[str]:
        """Devices that, with nothing to prove themselves, came back later or more often than the contract allows: on a
        machine without a free processor even a second is short. None on a quiet one."""
        causes = [event for event in self.refused if event["sent"] <= self.ended_at[event["device"]] and event["who"] != "thief"]
        unproven = [event for event in causes if not self.is_proven(event)]
        return {event["device"] for event in unproven if self._was_late(event) or self._was_often(event)}

    def _was_late(self, event: Event) -> bool:
        return bool(event["code"] == "device_revoked" and self.elapsed(event)[1] > self.settings["rescue"])

    def _was_often(self, event: Event) -> bool:
        """One generation more than the budget came back outside the race window."""
        line = [event["presented"]]
        while line[-1] in self._parent:
            line.append(self._parent[line[-1]])
        return spent([number for number, token in enumerate(reversed(line)) if token in self._came_back]) > BUDGET

    @cached_property
    def _came_back(self) -> set[str]:
        late = [event for event in self.refreshes if self.elapsed(event)[1] > self.settings["race"]]
        return {event["presented"] for event in late if not self.is_proven(event)}

    @cached_property
    def _parent(self) -> dict[str, str]:
        return {given: presented for presented, given in self.successor.items()}
