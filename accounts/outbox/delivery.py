"""Deliver what is due: claim by compare-and-swap, hand over, delete.

A worker that dies between hand-over and delete leaves the row; after the claim runs out another worker delivers it
again. At least once, and once only in normal running.
"""

import json
import logging
import math
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.core import crypto

from .enqueue import context_of
from .errands import Errand, Errands
from .models import OutboxMessage

logger = logging.getLogger("signet.outbox")

Handler = Callable[[dict[str, Any]], Errand | None]
"""Hands over at once, or answers what is left to do beside the others."""
CLAIM_LIFETIME = timedelta(minutes=2)
MAX_ATTEMPTS = 12
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(hours=1)


def deliver_due(handlers: Mapping[str, Handler], *, batch: int = 50) -> int:
    """Deliver up to `batch` messages, and wait for all of them; answers how many arrived."""
    errands = Errands(2 * batch)
    return begin_due(handlers, errands, batch=batch) + settle(errands, all_of_them=True)


def begin_due(handlers: Mapping[str, Handler], errands: Errands, *, batch: int = 50, seconds: float = math.inf) -> int:
    """Send calls on their way, and hand over the rest until `seconds` have passed; answers how many were handed over.

    One of the rest goes in any case. Apart, so that no backlog of calls keeps a mail, none of one server those of another, and
    none of mails a call.
    """
    due = OutboxMessage.objects.filter(failed_at=None, due_at__lte=timezone.now()).order_by("due_at")
    calls, rest = due.exclude(recipient__in={"", *errands.full()}), due.filter(recipient="")
    handed_over = sum(_begin(call, handlers, errands) for call in (calls[:batch] if errands.has_room else ()) if _claim(call))
    waiting = list(rest[:batch])
    # Counted from here: the time in which a slow database finds them is not theirs.
    until = time.monotonic() + seconds
    for message in waiting:
        handed_over += _claim(message) and _begin(message, handlers, errands)
        if time.monotonic() >= until:
            break
    return handed_over


def settle(errands: Errands, *, all_of_them: bool = False) -> int:
    """What is back from its way; answers how many arrived."""
    return sum(_settled(message, trouble) for message, trouble in errands.back(all_of_them=all_of_them))


def _claim(message: OutboxMessage) -> bool:
    unclaimed = OutboxMessage.objects.filter(id=message.id, due_at=message.due_at, attempts=message.attempts)
    message.attempts += 1
    message.due_at = timezone.now() + CLAIM_LIFETIME
    return unclaimed.update(attempts=message.attempts, due_at=message.due_at) == 1


def _begin(message: OutboxMessage, handlers: Mapping[str, Handler], errands: Errands) -> bool:
    try:
        payload = json.loads(crypto.decrypt(message.payload_encrypted, context=context_of(message)))
        errand = handlers[message.kind](payload)
    except Exception as error:  # noqa: BLE001 - whatever went wrong, this message waits and the next one goes out
        return _settled(message, error)
    if errand is None:
        return _settled(message, None)
    if seconds := errands.start(message, errand):
        _put_back(message, timedelta(seconds=seconds))
    return False


def _settled(message: OutboxMessage, trouble: BaseException | None) -> bool:
    if trouble is not None:
        _postpone(message, trouble)
        return False
    OutboxMessage.objects.filter(id=message.id).delete()
    return True


def _put_back(message: OutboxMessage, turn: timedelta) -> None:
    """Others come first. That was no try."""
    ours = OutboxMessage.objects.filter(id=message.id, attempts=message.attempts)
    ours.update(attempts=message.attempts - 1, due_at=timezone.now() + turn)


def _postpone(message: OutboxMessage, error: BaseException) -> None:
    """The error's type alone is kept: its text may quote an address or a link.

    Nothing is written once the claim has passed on.
    """
    message.last_error = type(error).__name__
    if message.attempts >= MAX_ATTEMPTS:
        message.failed_at = timezone.now()
    else:
        message.due_at = timezone.now() + min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** (message.attempts - 1))
    ours = OutboxMessage.objects.filter(id=message.id, attempts=message.attempts)
    ours.update(last_error=message.last_error, failed_at=message.failed_at, due_at=message.due_at)
    logger.warning("outbox.postponed", extra={"kind": message.kind, "attempts": message.attempts, "error": message.last_error})
