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
    """`free` attempts, then waits of `first_wait` seconds that double up to `longest_wait`; forgotten after `memory`."""

    name: str
    free: int
    first_wait: int
    longest_wait: int
    memory: int = 86_400

    def key(self, value: str) -> str:
        return f"{self.name}:{value}"


# The WHERE makes it a compare-and-swap: no row is touched while the key is blocked, and the row count says so.
_TAKE = """
INSERT INTO accounts_counter (key, attempts, blocked_until, expires_at)
VALUES (%(key)s, 1, CASE WHEN 1 >= %(free)s THEN %(now)s + %(first)s ELSE 0 END, %(now)s + %(memory)s)
ON CONFLICT (key) DO UPDATE SET
  attempts = CASE WHEN accounts_counter.expires_at <= %(now)s THEN 1 ELSE accounts_counter.attempts + 1 END,
  blocked_until = CASE
    WHEN accounts_counter.expires_at <= %(now)s OR accounts_counter.attempts + 1 < %(free)s THEN 0
    WHEN accounts_counter.attempts + 1 - %(free)s >= %(steps)s THEN %(now)s + %(longest)s
    ELSE %(now)s + %(first)s * (1 << (accounts_counter.attempts + 1 - %(free)s)) END,
  expires_at = %(now)s + %(memory)s
WHERE accounts_counter.blocked_until <= %(now)s OR accounts_counter.expires_at <= %(now)s
"""


def take(limit: Limit, value: str) -> None:
    """Count one attempt; raises `TooManyAttempts` while the key is blocked."""
    now = time.time_ns() // 1_000_000
    steps = max(0, (limit.longest_wait // limit.first_wait).bit_length() - 1)
    arguments: dict[str, str | int] = {
        "key": limit.key(value),
        "free": limit.free,
        "first": limit.first_wait * 1000,
        "longest": limit.longest_wait * 1000,
        "steps": steps,
        "memory": limit.memory * 1000,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, arguments)
        if cursor.rowcount == 1:
            return
        cursor.execute("SELECT blocked_until FROM accounts_counter WHERE key = %s", [arguments["key"]])
        row = cursor.fetchone()
    raise TooManyAttempts(retry_after=-(-((row[0] if row else now) - now) // 1000))


def forget(limit: Limit, value: str) -> None:
    """A success clears its own pair, and nobody else's."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_counter WHERE key = %s", [limit.key(value)])


def give_back(pairs: Iterable[tuple[Limit, str]]) -> None:
    """Take back the attempts of a success, so that only failures count."""
    with connection.cursor() as cursor:
        for limit, value in pairs:
            cursor.execute(
                "UPDATE accounts_counter SET attempts = attempts - 1, "
                "blocked_until = CASE WHEN attempts - 1 < %s THEN 0 ELSE blocked_until END "
                "WHERE key = %s AND attempts > 0",
                [limit.free, limit.key(value)],
            )
