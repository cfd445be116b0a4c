"""What one address bears in a day: so much from all strangers together, and of that so much from each of their networks.

So a stranger with one network never uses up what is there for others, and nobody what is there for a device that the owner of
the address has used before (SECURITY E-03). Days are those of UTC: what was taken yesterday does not count any more, however
often somebody came back since.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from accounts.core import limits
from accounts.core.clock import now
from accounts.core.errors import TooManyAttempts
from accounts.core.limits import Limit

from .asker import Asker

DAY = 86_400
Key = tuple[Limit, str]


@dataclass(frozen=True, slots=True)
class Budget:
    """`total` for all strangers, `share` for one network of theirs, and as much for each device of the owner."""

    name: str
    total: int
    share: int

    def keys(self, address: str, asker: Asker, user_id: uuid.UUID | None) -> list[Key]:
        """What one use counts on. `address` is a keyed hash, `user_id` whose it is."""
        today = f"{address}/{now() // DAY}"
        if device := asker.device_of(user_id):
            return [(self._of_a_day("device", self.share), f"{today}/{device}")]
        return [(self._of_a_day("network", self.share), f"{today}/{asker.network}"), (self._of_a_day("all", self.total), today)]

    def _of_a_day(self, whose: str, free: int) -> Limit:
        return Limit(f"{self.name}/{whose}", free=free, first_wait=DAY, longest_wait=DAY)


def take(keys: Iterable[Key]) -> bool:
    """All of them, or none when one is used up: what is refused counts nowhere.

    Not inside a transaction: the refusal that follows a wrong code would undo the count.
    """
    try:
        with transaction.atomic(durable=True):
            for limit, value in keys:
                limits.take(limit, value)
    except TooManyAttempts:
        return False
    return True
