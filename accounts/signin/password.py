"""Sign in by password. One answer for unknown, wrong, locked and disabled; the same work for all of them."""

import uuid

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import metrics, secrets
from accounts.core.clock import now
from accounts.core.errors import AccountUnavailable, InvalidCredentials, TooManyAttempts
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.passwords import hashing
from accounts.passwords.throttle import guarded
from accounts.tokens import gate
from accounts.users.email import normalise
from accounts.users.models import User

from .known_device import KnownDevice


def prove(email: str, password: str, *, evidence: KnownDevice | None, source: Source) -> Proof:
    """Raises `InvalidCredentials`, `EmailUnverified` (only after the right password), `TooManyAttempts`, `Unavailable`."""
    address = normalise(email)
    user = User.objects.filter(email=address).first()
    known = evidence.device_id if evidence and user and evidence.user_id == user.id else None
    try:
        with guarded(address, source, known_device=known) as attempt:
            if not hashing.verify(user, password) or user is None:
                raise InvalidCredentials("wrong")
            gate.admit(user)
            attempt.succeeded()
    except AccountUnavailable:
        _refused(Event.SIGN_IN_FAILED, address, user.id if user else None, source, "account unavailable")
        raise InvalidCredentials("unavailable") from None
    except InvalidCredentials:
        _refused(Event.SIGN_IN_FAILED, address, user.id if user else None, source, "wrong")
        raise
    except TooManyAttempts:
        _refused(Event.SIGN_IN_THROTTLED, address, user.id if user else None, source, "throttled")
        raise
    return Proof(user_id=user.id, epoch=user.epoch, amr=("pwd",), acr="aal1", auth_time=now())


def _refused(event: Event, address: str, subject: uuid.UUID | None, source: Source, reason: str) -> None:
    """The typed address is kept as a keyed hash: people type passwords into the wrong field (SECURITY G-05)."""
    metrics.sign_ins.labels("password", event.value.rpartition(".")[2]).inc()
    typed = secrets.fingerprint("audit", address)
    record(event, subject=subject, source=source, succeeded=False, typed=typed, reason=reason, method="password")
