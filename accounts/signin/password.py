"""Sign in by password. One answer for unknown, wrong, locked and disabled; the same work for all of them."""

import uuid

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import gates, metrics, secrets
from accounts.core.clock import now
from accounts.core.errors import AccountUnavailable, EmailUnverified, InvalidCredentials, TooManyAttempts
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.passwords import hashing
from accounts.passwords.throttle import Attempt, guarded
from accounts.tokens import gate
from accounts.users.email import normalise
from accounts.users.models import User

from .known_device import KnownDevice

_EVENT_WINDOW = 60
"""Seconds: a counter that refuses is recorded once in each, however many knock (SECURITY S-03). Judged tries always are."""


def prove(email: str, password: str, *, evidence: KnownDevice | None, source: Source) -> Proof:
    """Raises `InvalidCredentials`, `EmailUnverified` (only after the right password), `TooManyAttempts`, `Unavailable`."""
    address = normalise(email)
    user = User.objects.filter(email=address).first()
    known = evidence.device_id if evidence and user and evidence.user_id == user.id else None
    try:
        with guarded(address, source, known_device=known) as attempt:
            if not hashing.verify(user, password) or user is None:
                raise InvalidCredentials("wrong")
            _admit(user, attempt)
    except EmailUnverified:
        _refused(Event.SIGN_IN_FAILED, address, user.id if user else None, source, "unverified")
        raise
    except AccountUnavailable:
        _refused(Event.SIGN_IN_FAILED, address, user.id if user else None, source, "account unavailable")
        raise InvalidCredentials("unavailable") from None
    except InvalidCredentials:
        _refused(Event.SIGN_IN_FAILED, address, user.id if user else None, source, "wrong")
        raise
    except TooManyAttempts as refusal:
        with transaction.atomic():
            is_news = gates.first_in_window("throttled-event", refusal.key, seconds=_EVENT_WINDOW)
            _refused(Event.SIGN_IN_THROTTLED, address, user.id if user else None, source, "throttled", is_news=is_news)
        raise
    return Proof(user_id=user.id, epoch=user.epoch, amr=("pwd",), acr="aal1", auth_time=now())


def _admit(user: User, attempt: Attempt) -> None:
    """An unverified address is no failed guess: the password was right, and its owner is on the way to the code."""
    try:
        gate.admit(user)
    except EmailUnverified:
        attempt.succeeded()
        raise
    attempt.succeeded()


def _refused(event: Event, address: str, subject: uuid.UUID | None, source: Source, reason: str, *, is_news: bool = True) -> None:
    """The typed address is kept as a keyed hash: people type passwords into the wrong field (SECURITY G-05)."""
    metrics.sign_ins.labels("pwd", event.value.rpartition(".")[2]).inc()
    if not is_news:
        return
    typed = secrets.fingerprint("audit", address)
    record(event, subject=subject, source=source, succeeded=False, typed=typed, reason=reason, method="password")
