"""Does this database count rows as the gates need it? Asked at start, on the real one (SECURITY R-28).

A driver or proxy that reports matched instead of changed rows would let a code or a refresh token be used twice, silently.
"""

import secrets

from django.db import transaction

from . import gates, limits
from .errors import TooManyAttempts
from .limits import Limit
from .models import Counter


class RowsAreMiscounted(Exception):
    """The database reports odd row counts: nothing that may happen once is safe on it."""


def prove_gates() -> None:
    """Each kind of gate twice, in a transaction that is rolled back. Raises `RowsAreMiscounted`, or `DatabaseError`."""
    name = f"self-test/{secrets.token_hex(16)}"
    with transaction.atomic():
        _expect("INSERT … DO NOTHING", [gates.consume("self-test", name, expires_at=0) for _ in range(2)])
        Counter.objects.create(key=name, attempts=0, blocked_until=0, expires_at=0)
        unused = Counter.objects.filter(key=name, attempts=0)
        _expect("compare-and-swap", [bool(unused.update(attempts=1)) for _ in range(2)])
        _expect("upsert with a condition", [_takes(f"{name}/limit") for _ in range(2)])
        transaction.set_rollback(True)


def _takes(value: str) -> bool:
    try:
        limits.take(Limit("self-test", free=1, first_wait=60, longest_wait=60), value)
    except TooManyAttempts:
        return False
    return True


def _expect(kind: str, answers: list[bool]) -> None:
    if answers != [True, False]:
        raise RowsAreMiscounted(f"{kind} answered {answers} where only the first try may win.")
