"""Gates: anything that may happen once (a link, a code, a proof).

INSERT … DO NOTHING tells by its row count who came first. An upsert would not: it reports one row both times.
"""

import hashlib

from django.db import connection

from .clock import now

_INSERT = "INSERT INTO accounts_gate (key, expires_at) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING"


def consume(kind: str, value: str, *, expires_at: int) -> bool:
    """True for the first caller with this value, False for every other. `expires_at`: Unix seconds, when the row may go."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [_key(kind, value), expires_at])
        return bool(cursor.rowcount == 1)


def is_consumed(kind: str, value: str) -> bool:
    """A look without consuming: what is true stays true, what is false may change at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM accounts_gate WHERE key = %s", [_key(kind, value)])
        return cursor.fetchone() is not None


def first_in_window(kind: str, value: str, *, seconds: int) -> bool:
    """True once in each window of so many seconds: what anybody may cause at any rate is written down at ours."""
    window = now() // seconds
    return consume(kind, f"{value}/{window}", expires_at=(window + 1) * seconds)


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
