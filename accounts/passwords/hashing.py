"""Argon2id under a limit: so many hashes at once, so many waiting, the rest is told to come back.

Each hash takes `ARGON2_MEMORY_COST` KiB and a core for some 25 ms; without the limit a storm of sign-ins would take the
memory and starve token checks (SECURITY P-04).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password

from accounts.core.errors import Unavailable
from accounts.users.models import User

_LONGEST_WAIT = 1.0


class Argon2idHasher(Argon2PasswordHasher):
    """Django's Argon2 hasher with the parameters of the settings (OWASP's floor by default)."""

    memory_cost = settings.ARGON2_MEMORY_COST
    time_cost = settings.ARGON2_TIME_COST
    parallelism = settings.ARGON2_PARALLELISM


_hashing = threading.BoundedSemaphore(settings.PASSWORD_HASH_CONCURRENCY)
_waiting = threading.BoundedSemaphore(settings.PASSWORD_HASH_QUEUE)


@contextmanager
def bounded() -> Iterator[None]:
    """Raises `Unavailable` (503) when the queue is full or the wait too long."""
    if not _waiting.acquire(blocking=False):
        raise Unavailable("hashing queue is full", retry_after=2)
    try:
        admitted = _hashing.acquire(timeout=_LONGEST_WAIT)
    finally:
        _waiting.release()
    if not admitted:
        raise Unavailable("hashing is busy", retry_after=2)
    try:
        yield
    finally:
        _hashing.release()


def verify(user: User | None, password: str) -> bool:
    """One hash whoever is asked about: unknown people and people without a password cost the same (SECURITY E-02, P-20)."""
    usable = user is not None and user.has_usable_password() and bool(password) and _is_readable(user.password)
    with bounded():
        if user is None or not usable:
            make_password(password or "-")
            return False
        return check_password(password, user.password, setter=lambda raw: _upgrade(user, raw))


def _is_readable(encoded: str) -> bool:
    """A hash of another algorithm or a broken one (an import gone wrong) opens nothing, at the usual cost."""
    try:
        identify_hasher(encoded).decode(encoded)
    except ValueError:
        return False
    return True


def _upgrade(user: User, password: str) -> None:
    """The hash was made with older parameters: made again, in the hash slot we hold."""
    User.objects.filter(id=user.id, password=user.password).update(password=make_password(password))


def hashed(password: str) -> str:
    with bounded():
        return make_password(password)
