"""Limits on password tries, keyed by what was typed, so that unknown names throttle alike (SECURITY E-15).

A device that has been signed in before has a limit of its own: nobody can lock its owner out of it (SECURITY E-03). After
a hundred failures in a row the password opens an account from such devices alone, until its owner has shown something else
(SECURITY E-14).
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from accounts.core import limits, secrets
from accounts.core.errors import Unavailable
from accounts.core.limits import Limit
from accounts.core.requests import Source

PAIR = Limit("password/account-network", free=5, first_wait=30, longest_wait=900)
ACCOUNT = Limit("password/account", free=20, first_wait=30, longest_wait=3600, ceiling=100)
NETWORK = Limit("password/network", free=60, first_wait=5, longest_wait=600, memory=3600)
KNOWN_DEVICE = Limit("password/known-device", free=10, first_wait=30, longest_wait=900)


@dataclass(slots=True)
class Attempt:
    """One counted try; `succeeded` gives it back and clears the pair, and nobody else's counters (SECURITY E-13)."""

    keys: list[tuple[Limit, str]]

    def succeeded(self) -> None:
        """The password was right, and nothing stands against the account but, at most, its unverified address."""
        with transaction.atomic():
            limits.forget(*self.keys[0])
            limits.give_back(self.keys[1:])

    def was_not_judged(self) -> None:
        """Nobody looked at the password: nothing was counted."""
        limits.give_back(self.keys)


@contextmanager
def guarded(address: str, source: Source, *, known_device: uuid.UUID | None) -> Iterator[Attempt]:
    """Count the try before the hash. Raises `TooManyAttempts`; then nothing was counted anywhere."""
    attempt = Attempt(_keys(address, source, known_device))
    with transaction.atomic():
        for limit, value in attempt.keys:
            limits.take(limit, value)
    try:
        yield attempt
    except Unavailable:
        attempt.was_not_judged()
        raise


def forgive(address: str) -> None:
    """The owner has shown something else than the password (a mailed link, a code, a passkey): guesses count from zero again."""
    limits.forget(ACCOUNT, _account(address))


def forget_person(address: str, devices: Iterable[uuid.UUID]) -> None:
    """Whoever has the address next begins with no failures."""
    forgive(address)
    for device_id in devices:
        limits.forget(KNOWN_DEVICE, str(device_id))


def _keys(address: str, source: Source, known_device: uuid.UUID | None) -> list[tuple[Limit, str]]:
    if known_device is not None:
        return [(KNOWN_DEVICE, str(known_device))]
    account = _account(address)
    network = source.network or "unknown"
    return [(PAIR, f"{account}/{network}"), (ACCOUNT, account), (NETWORK, network)]


def _account(address: str) -> str:
    return secrets.fingerprint("limits", address)
