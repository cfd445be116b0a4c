"""Read the revocation table on the way of a request, at most once a second per process.

The cursor must not lose a row whose transaction commits late. On PostgreSQL ids are handed out before commit, so
`id > last` can skip one for ever (SECURITY R-24). There a row carries the id of the transaction that wrote it, and we read
everything written by a transaction that was not yet finished at our previous look. SQLite has one writer at a time: ids
appear in order.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from accounts.core.clock import now
from accounts.core.errors import TokenInvalid, Unavailable
from accounts.core.sweep import delete as sweep_rows

from .known import Entry, Known
from .models import Revocation

logger = logging.getLogger("signet.revocations")

POLL_INTERVAL = 1.0
_LONGEST_WAIT = 0.25
_POSTGRESQL = """
SELECT r.kind, r.value, r.not_before, r.expires_at, s.xmin
FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin) s
LEFT JOIN accounts_revocation r ON r.written_by >= %s
"""
_SQLITE = "SELECT kind, value, not_before, expires_at, id FROM accounts_revocation WHERE id > %s"


@dataclass(slots=True)
class _State:
    known: Known = field(default_factory=Known)
    cursor: int = 0
    asked_at: float = 0.0
    fresh_at: float = 0.0
    failing: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    on_keys_changed: list[Callable[[], None]] = field(default_factory=list)


_state = _State()


def refuse_revoked(*, kid: str, sid: str, sub: str, epoch: int, auth_time: int) -> None:
    """Raises `TokenInvalid`, `DeviceRevoked`, `TokenStale`, or `Unavailable` when our knowledge is too old."""
    bring_up_to_date()
    _state.known.refuse(kid=kid, sid=sid, sub=sub, epoch=epoch, auth_time=auth_time)


def refuse_stopped(*, kid: str, client_id: str, issued_at: int) -> None:
    """For a token of a client, about whomever it is. Raises `TokenInvalid`, or `Unavailable` as `refuse_revoked` does."""
    refuse_pulled(kid)
    _state.known.refuse_client(client_id, issued_at)


def refuse_pulled(kid: str) -> None:
    """For a token that nothing else can end. Raises `TokenInvalid`, or `Unavailable` as `refuse_revoked` does."""
    bring_up_to_date()
    if _state.known.is_pulled(kid):
        raise TokenInvalid("signing key pulled")


def bring_up_to_date() -> None:
    """Ask for news if a second has passed; keep serving what is known within the stale budget, then fail closed."""
    if time.monotonic() - _state.fresh_at < POLL_INTERVAL:
        return
    _poll_once()
    if age() > settings.FEED_STALE_BUDGET.total_seconds():
        raise Unavailable("revocation feed is stale")


def age() -> float:
    """Seconds since the feed was last known to be complete; infinite before the first reading."""
    return time.monotonic() - _state.fresh_at if _state.fresh_at else float("inf")


def reading() -> float:
    """Which look at the table this process's knowledge is of: another number after each."""
    return _state.fresh_at


def marks() -> dict[str, dict[str, int]]:
    """All that is known, by kind: each value and its mark. Asks nobody."""
    return _state.known.by_kind()


def is_pulled(kid: str) -> bool:
    """Whether this process has heard that the key is trusted no more. Asks nobody."""
    return _state.known.is_pulled(kid)


def learn(entries: Iterable[Entry]) -> None:
    """What this process itself has just committed."""
    if _state.known.learn(entries):
        for listener in _state.on_keys_changed:
            listener()


def on_keys_changed(listener: Callable[[], None]) -> None:
    _state.on_keys_changed.append(listener)


def forget() -> None:
    """For tests and for forked processes: know nothing, ask at the next request."""
    _state.known, _state.cursor, _state.asked_at, _state.fresh_at, _state.failing = Known(), 0, 0.0, 0.0, False


def sweep() -> int:
    """Delete what no living token can match any more; answers how many rows."""
    return sweep_rows(Revocation.objects.filter(expires_at__lt=now()))


def _poll_once() -> None:
    """One thread asks, the others wait for its answer: old knowledge is not used while news is on its way.

    They wait a moment at most, and not at all for a database that failed last time.
    """
    if not _state.lock.acquire(timeout=0 if _state.failing else _LONGEST_WAIT):
        return
    try:
        started = time.monotonic()
        if started - _state.asked_at < POLL_INTERVAL:
            return
        _state.asked_at = started
        _read()
        _state.fresh_at, _state.failing = started, False
    except (DatabaseError, InterfaceError):
        _state.failing = True
        logger.warning("feed.unreachable", extra={"age": round(min(age(), 1e6), 1)})
    finally:
        _state.lock.release()


def _read() -> None:
    before = _state.cursor
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRESQL if connection.vendor == "postgresql" else _SQLITE, [before])
        rows = cursor.fetchall()
    learn([(kind, value, mark, until) for kind, value, mark, until, _ in rows if kind is not None])
    if rows:
        _state.cursor = max(row[4] for row in rows)
    if _state.cursor < before:
        # A restored or failed-over cluster counts transactions anew.
        _state.cursor = 0
    _state.known.forget_expired(now())
