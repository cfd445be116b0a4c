"""Deliveries that wait for somebody else's server, in threads: one that never answers keeps nobody but itself.

No server gets more than half of the threads, and one that failed lately gets one: it would hold them for seconds each.
"""

import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from .models import OutboxMessage

MOST = 32
_LATELY = 60
"""Seconds."""
_SOON, _LATER = 0.2, 3.0
"""Seconds until the next turn: where answers come, and where they do not."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What is left of a delivery, and needs no database: `run` raises when it did not arrive. `whom` it waits for."""

    whom: str
    run: Callable[[], None]


class Errands:
    """Those of one worker that are on their way."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._pool = ThreadPoolExecutor(most, thread_name_prefix="errand")
        self._out: dict[Future[None], tuple[OutboxMessage, str]] = {}
        self._failed_at: dict[str, float] = {}

    @property
    def has_room(self) -> bool:
        return len(self._out) < self._most

    def full(self) -> set[str]:
        """Whose servers have as much to do as they may for now."""
        counts = Counter(whom for _, whom in self._out.values())
        return {whom for whom, count in counts.items() if count >= (1 if self._is_ailing(whom) else self._most // 2)}

    def start(self, message: OutboxMessage, errand: Errand) -> float:
        """0 when it is on its way; where there is no room for it, the seconds until its next turn."""
        if not self.has_room or errand.whom in self.full():
            return _LATER if self._is_ailing(errand.whom) else _SOON
        self._out[self._pool.submit(errand.run)] = (message, errand.whom)
        return 0

    def back(self, *, all_of_them: bool = False) -> list[tuple[OutboxMessage, BaseException | None]]:
        """Each once, with why it did not arrive. `all_of_them` waits."""
        if all_of_them:
            wait(self._out)
        return [self._returned(one) for one in [*self._out] if one.done()]

    def wait(self, seconds: float) -> bool:
        """Until one is back, or as long; False where none is out."""
        return any(wait(self._out, seconds, FIRST_COMPLETED))

    def _is_ailing(self, whom: str) -> bool:
        return time.monotonic() - self._failed_at.get(whom, -_LATELY) < _LATELY

    def _returned(self, one: Future[None]) -> tuple[OutboxMessage, BaseException | None]:
        (message, whom), trouble = self._out.pop(one), one.exception()
        self._failed_at.pop(whom, None)
        if trouble is not None:
            self._failed_at[whom] = time.monotonic()
        return message, trouble
