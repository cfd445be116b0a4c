"""One process at a time, on however many hosts: for what must not race itself, such as migrations."""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def one_at_a_time(task: str) -> Iterator[None]:
    """Wait until nobody else does this task. The lock goes with the process, so a killed one holds up nobody."""
    with _postgresql(task) if connection.vendor == "postgresql" else _file(task):
        yield


@contextmanager
def _postgresql(task: str) -> Iterator[None]:
    """Wants a connection of its own: through a pooler that shares connections, advisory locks mean nothing."""
    number = zlib.crc32(f"signet/{task}".encode())
    with connection.cursor() as cursor:
        # Neither the wait nor the work (an index on a large table) ends at the ten seconds that a request may take.
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])
            cursor.execute("RESET statement_timeout")


@contextmanager
def _file(task: str) -> Iterator[None]:
    with open(f"{connection.settings_dict['NAME']}.{task}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
