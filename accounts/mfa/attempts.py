"""A limit on tries of a second factor: one count for each account, shared by every kind of code (SECURITY P-07).

Whoever gets here has shown the right password, so the right password clears nothing (SECURITY P-23): only a code that was
accepted does.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from accounts.core import limits
from accounts.core.errors import Unavailable
from accounts.core.limits import Limit

ACCOUNT = Limit("second-factor/account", free=5, first_wait=30, longest_wait=3600)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted try; call `succeeded` when the code was accepted."""

    user_id: uuid.UUID

    def succeeded(self) -> None:
        limits.forget(ACCOUNT, str(self.user_id))


def forget_person(user_id: uuid.UUID) -> None:
    limits.forget(ACCOUNT, str(user_id))


@contextmanager
def guarded(user_id: uuid.UUID) -> Iterator[Attempt]:
    """Count the try before the code is judged. Raises `TooManyAttempts`; then nothing was counted and nothing judged.

    Not inside a transaction: the refusal that follows a wrong code would undo the count.
    """
    with transaction.atomic(durable=True):
        limits.take(ACCOUNT, str(user_id))
    try:
        yield Attempt(user_id)
    except Unavailable:
        limits.give_back([(ACCOUNT, str(user_id))])
        raise
