"""Argon2id under a limit: so many hashes at once, the others wait for a second and are then told to come back.

Each hash takes `ARGON2_MEMORY_COST` KiB and a core for some 25 ms; without the limit a storm of sign-ins would take the
memory (SECURITY P-04). How many may wait is decided at the door (`project.middleware.doors`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import argon2
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password

from accounts.core.errors import Unavailable
from accounts.users.models import User

from .legacy.argon2 import refuse_unusable

_LONGEST_WAIT = 1.0
# Argon2 wants so many KiB for each lane (RFC 9106 §3.1).
_LEAST_KIB = 8


class Argon2idHasher(Argon2PasswordHasher):
    """Django's Argon2 hasher with the parameters of the settings (OWASP's floor by default)."""

    memory_cost = settings.ARGON2_MEMORY_COST
    time_cost = settings.ARGON2_TIME_COST
    parallelism = settings.ARGON2_PARALLELISM

    def decode(self, encoded: str) -> dict[str, Any]:
        """Raises `UnusableHash` for what an import could bring: a broken hash, or one that is too dear to verify."""
        return refuse_unusable(encoded)

    def harden_runtime(self, password: str, encoded: str) -> None:
        """A wrong password against cheaper parameters: do the KiB × passes that are missing to today's (SECURITY P-05)."""
        old = self.decode(encoded)
        missing = self.memory_cost - old["memory_cost"] * old["time_cost"] // self.time_cost
        if missing >= _LEAST_KIB * self.parallelism:
            argon2.low_level.hash_secret(
                password.encode(),
                self.salt().encode(),
                time_cost=self.time_cost,
                memory_cost=missing,
                parallelism=self.parallelism,
                hash_len=argon2.DEFAULT_HASH_LENGTH,
                type=argon2.Type.ID,
            )


_hashing = threading.BoundedSemaphore(settings.PASSWORD_HASH_CONCURRENCY)


@contextmanager
def bounded() -> Iterator[None]:
    """Raises `Unavailable` (503) when the wait is too long."""
    if not _hashing.acquire(timeout=_LONGEST_WAIT):
        raise Unavailable("hashing is busy")
    try:
        yield
    finally:
        _hashing.release()


def verify(user: User | None, password: str) -> bool:
    """One hash whoever is asked about: unknown people and people without a password cost the same (SECURITY E-02, P-20)."""
    if user is None or not password or not _is_readable(user.password):
        with bounded():
            make_password(password or "-")
            _imitate_imported(password)
        return False
    with bounded():
        accepted = check_password(password, user.password, setter=lambda raw: _upgrade(user, raw))
        if not _is_imported(user.password):
            _imitate_imported(password)
        elif not accepted:
            make_password(password)
    return accepted


def _is_readable(encoded: str) -> bool:
    """A hash of an unknown algorithm, a broken or too dear one (an import gone wrong) opens nothing, at the usual cost."""
    try:
        identify_hasher(encoded).decode(encoded)
    except ValueError:
        return False
    return True


def _is_imported(encoded: str) -> bool:
    return identify_hasher(encoded).algorithm != Argon2idHasher.algorithm


def _imitate_imported(password: str) -> None:
    """An imported hash costs its own work and ours; with `PASSWORD_DECOY` everybody else does both too (SECURITY P-05)."""
    if settings.PASSWORD_DECOY:
        identify_hasher(settings.PASSWORD_DECOY).verify(password, settings.PASSWORD_DECOY)


def _upgrade(user: User, password: str) -> None:
    """The hash was made with older parameters: made again, in the hash slot we hold."""
    User.objects.filter(id=user.id, password=user.password).update(password=make_password(password))


def hashed(password: str) -> str:
    """A new hash, made in one of the slots. Raises `Unavailable`."""
    with bounded():
        return make_password(password)
