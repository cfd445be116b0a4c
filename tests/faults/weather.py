"""What the network does to one request: drawn from a seed, so that a run can be played again."""

from dataclasses import dataclass
from random import Random

LONGEST_SILENCE = 3
"""So many requests in a row may stay without an answer. An app without a key that nobody answers for the whole rescue
window is signed out by contract, so the network lets one through before."""
SHARES = {"dropped before": 8, "dropped after": 10, "delayed": 8, "request held": 4, "answer held": 4, "doubled": 8, "none": 58}
"""Of 100 requests: a lift, a tunnel, a proxy that repeats. Held ones outlast the app's patience, so its retry overtakes them."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Seconds are real ones. `copy_after`: a second copy reaches the server so much later."""

    name: str = "none"
    drops_request: bool = False
    request_delay: float = 0.0
    copy_after: float | None = None
    answers_with_copy: bool = False
    answer_delay: float = 0.0
    drops_answer: bool = False

    def is_silent(self, patience: float) -> bool:
        """Whether an app that waits `patience` seconds sees no answer."""
        return self.drops_request or self.drops_answer or self.request_delay + self.answer_delay >= patience


class Weather:
    """`unit` scales every time; `patience` is the app's time-out. With `fair` nothing ever goes wrong."""

    def __init__(self, seed: str, *, unit: float, patience: float, fair: bool = False) -> None:
        self._random = Random(seed)
        self._unit, self._patience, self._fair = unit, patience, fair
        self._silent = 0

    def next(self) -> Fault:
        if self._fair:
            return Fault()
        fault = self._drawn()
        if fault.is_silent(self._patience):
            self._silent += 1
            if self._silent > LONGEST_SILENCE:
                fault = Fault()
        if not fault.is_silent(self._patience):
            self._silent = 0
        return fault

    def _drawn(self) -> Fault:
        name = self._random.choices([*SHARES], [*SHARES.values()])[0]
        late, soon, copy_after = self._between(1.1, 1.6), self._between(0.01, 0.4), self._between(0.0, 1.5)
        match name:
            case "dropped before":
                fault = Fault(name, drops_request=True)
            case "dropped after":
                fault = Fault(name, drops_answer=True)
            case "delayed":
                fault = Fault(name, request_delay=soon, answer_delay=soon / 2)
            case "request held":
                fault = Fault(name, request_delay=late)
            case "answer held":
                fault = Fault(name, answer_delay=late)
            case "doubled":
                fault = Fault(name, copy_after=copy_after, answers_with_copy=copy_after < 0.3 * self._unit)
            case _:
                fault = Fault()
        return fault

    def _between(self, low: float, high: float) -> float:
        return self._random.uniform(low, high) * self._unit
