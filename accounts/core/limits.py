"""Limits that rise with failures, shared by all processes through one atomic statement.

An attempt is counted *before* the work it guards, so that a hundred parallel tries cannot all slip under the limit
(SECURITY E-09). A success gives its attempt back.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from .errors import TooManyAttempts


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` attempts, then waits of `first_wait` seconds that double up to `longest_wait`; forgotten after `memory`.

    At `ceiling` the key closes until somebody calls `forget`, and for a year at most.
    """

    name: str
    free: int
    first_wait: int
    longest_wait: int
    memory: int = 86_400
    ceiling: int = 2**31 - 1

    def key(self, value: str) -> str:
        return f"{self.name}:{value}"


_CLOSED_FOR = 365 * 86_400
# The WHERE makes it a compare-and-swap: no row is touched while the key is blocked, and the row count says so.
_TAKE = """
INSERT INTO accounts_counter (key, attempts, blocked_until, expires_at)
VALUES (%(key)s, 1, CASE WHEN 1 >= %(free)s THEN %(now)s + %(first)s ELSE 0 END, %(now)s + %(memory)s)
ON CONFLICT (key) DO UPDATE SET
  attempts = CASE WHEN accounts_counter.expires_at <= %(now)s THEN 1 ELSE accounts_counter.attempts + 1 END,
  blocked_until = CASE
    WHEN accounts_counter.expires_at <= %(now)s OR accounts_counter.attempts + 1 < %(free)s THEN 0
    WHEN accounts_counter.attempts + 1 >= %(ceiling)s THEN %(now)s + %(closed)s
    WHEN accounts_counter.attempts + 1 - %(free)s >= %(steps)s THEN %(now)s + %(longest)s
    ELSE %(now)s + %(first)s * (1 << (accounts_counter.attempts + 1 - %(free)s)) END,
  expires_at = CASE
    WHEN accounts_counter.expires_at > %(now)s AND accounts_counter.attempts + 1 >= %(ceiling)s THEN %(now)s + %(closed)s
    ELSE %(now)s + %(memory)s END
WHERE accounts_counter.blocked_until <= %(now)s OR accounts_counter.expires_at <= %(now)s
"""


_GIVE_BACK = """
UPDATE accounts_counter SET
  attempts = attempts - 1,
  blocked_until = CASE
    WHEN attempts - 1 < %(free)s THEN 0
    WHEN attempts = %(ceiling)s THEN %(blocked_until)s
    ELSE blocked_until END,
  expires_at = CASE WHEN attempts = %(ceiling)s THEN %(expires_at)s ELSE expires_at END
WHERE key = %(key)s AND attempts > 0
"""


def take(limit: Limit, value: str) -> None:
    """Count one attempt; raises `TooManyAttempts` while the key is blocked. A closed key says the longest wait."""
    now = time.time_ns() // 1_000_000
    steps = max(0, (limit.longest_wait // limit.first_wait).bit_length() - 1)
    arguments: dict[str, str | int] = {
        "key": limit.key(value),
        "free": limit.free,
        "first": limit.first_wait * 1000,
        "longest": limit.longest_wait * 1000,
        "steps": steps,
        "memory": limit.memory * 1000,
        "ceiling": limit.ceiling,
        "closed": _CLOSED_FOR * 1000,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, arguments)
        if cursor.rowcount == 1:
            return
        cursor.execute("SELECT blocked_until FROM accounts_counter WHERE key = %s", [arguments["key"]])
        row = cursor.fetchone()
    wait = -(-((row[0] if row else now) - now) // 1000)
    raise TooManyAttempts(retry_after=min(wait, limit.longest_wait), key=limit.key(value))


def forget(limit: Limit, value: str) -> None:
    """A success clears its own pair, and nobody else's."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_counter WHERE key = %s", [limit.key(value)])


def give_back(pairs: Iterable[tuple[Limit, str]]) -> None:
    """Take back the attempts of a success, so that only failures count; the one that would have closed its key does not."""
    now = time.time_ns() // 1_000_000
    with connection.cursor() as cursor:
        for limit, value in pairs:
            arguments: dict[str, str | int] = {
                "key": limit.key(value),
                "free": limit.free,
                "ceiling": limit.ceiling,
                "blocked_until": now + limit.longest_wait * 1000,
                "expires_at": now + limit.memory * 1000,
            }
            cursor.execute(_GIVE_BACK, arguments)
