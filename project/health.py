"""Is the process alive (/healthz), and may it be given requests (/readyz)? Answers hold no detail that helps a stranger."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.core.errors import Problem
from accounts.core.self_test import RowsAreMiscounted, prove_gates
from accounts.keys import ring
from accounts.revocations import feed

logger = logging.getLogger("signet.health")
_GOOD_FOR_SECONDS = 1.0
OK, FAILING = "ok", "failing"


@dataclass(slots=True)
class _Memory:
    """The last answer, and what needs proving only once in the life of a process."""

    checks: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_CHECKS, FAILING))
    checked_at: float = float("-inf")
    proven: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """GET /healthz: this process answers. It asks nobody else, so that a lost database restarts no process."""
    return JsonResponse({"status": OK})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """GET /readyz: 200, or 503 with the checks that fail. Computed at most once a second, by one thread of the process."""
    checks = _checked()
    sound = all(result == OK for result in checks.values())
    return JsonResponse({"status": OK if sound else FAILING, "checks": checks}, status=200 if sound else 503)


def forget() -> None:
    """For tests: look again at the next request, and prove everything anew."""
    _memory.checks, _memory.checked_at = dict.fromkeys(_CHECKS, FAILING), float("-inf")
    _memory.proven.clear()


def _checked() -> dict[str, str]:
    """While somebody computes, the others get the last answer: a lost database must not hold every thread."""
    if time.monotonic() - _memory.checked_at >= _GOOD_FOR_SECONDS and _memory.lock.acquire(blocking=False):
        try:
            _memory.checks = {name: OK if _holds(name, check) else FAILING for name, check in _CHECKS.items()}
            _memory.checked_at = time.monotonic()
        finally:
            _memory.lock.release()
    return _memory.checks


def _holds(name: str, check: Callable[[], bool]) -> bool:
    try:
        held = check()
    except (DatabaseError, Problem, RowsAreMiscounted) as error:
        logger.warning("readiness.failed", extra={"check": name, "error": type(error).__name__})
        return False
    return held


def _database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _migrations_are_applied() -> bool:
    """Ours are in the database; it may hold newer ones, so that the old release serves while the new one starts."""
    return _once("migrations", lambda: set(_on_disk()) <= set(MigrationRecorder(connection).applied_migrations()))


def _on_disk() -> set[tuple[str, str]]:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    replaced = {key for migration in loader.disk_migrations.values() for key in migration.replaces}
    return set(loader.disk_migrations) - replaced


def _a_key_signs() -> bool:
    return bool(ring.current().signers)


def _feed_is_fresh() -> bool:
    feed.bring_up_to_date()
    return True


def _gates_count() -> bool:
    def proof() -> bool:
        prove_gates()
        return True

    return _once("gates", proof)


def _once(name: str, proof: Callable[[], bool]) -> bool:
    if name not in _memory.proven and proof():
        _memory.proven.add(name)
    return name in _memory.proven


_CHECKS: dict[str, Callable[[], bool]] = {
    "database": _database_answers,
    "migrations": _migrations_are_applied,
    "keys": _a_key_signs,
    "feed": _feed_is_fresh,
    "gates": _gates_count,
}
_memory = _Memory()
