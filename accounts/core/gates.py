"""Gates: anything that may happen once (a link, a code, a proof).

INSERT … DO NOTHING tells by its row count who came first. An upsert would not: it reports one row both times.
"""

import hashlib

from django.db import connection

_INSERT = "INSERT INTO accounts_gate (key, expires_at) VALUES (%s, %s) ON CONFLICT (key) DO NOTHING"


def consume(kind: str, value: str, *, expires_at: int) -> bool:
    """True for the first caller with this value, False for every other. `expires_at`: Unix seconds, when the row may go."""
    key = f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, [key, expires_at])
        return bool(cursor.rowcount == 1)
