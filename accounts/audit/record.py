"""Write an audit event, in the caller's transaction: the change and its record commit together."""

import logging
import uuid
from typing import Any

from django.db import transaction

from accounts.core.requests import NOWHERE, Source

from .events import Event
from .models import AuditEvent

logger = logging.getLogger("signet.audit")


def record(
    event: Event,
    *,
    subject: uuid.UUID | None = None,
    actor: uuid.UUID | None = None,
    device: uuid.UUID | None = None,
    source: Source = NOWHERE,
    succeeded: bool = True,
    **details: Any,
) -> None:
    """`details` must hold no secret and no address that somebody typed (use `secrets.fingerprint`).

    The line in the log follows the commit: what was undone did not happen.
    """
    outcome = AuditEvent.Outcome.SUCCESS if succeeded else AuditEvent.Outcome.FAILURE
    AuditEvent.objects.create(
        event=event,
        outcome=outcome,
        actor_id=actor,
        subject_id=subject,
        device_id=device,
        address=source.address or None,
        user_agent=source.user_agent,
        request_id=source.request_id,
        details=details,
    )
    about = {"subject": subject, "actor": actor, "device": device}
    told = {"outcome": outcome.value, **{name: str(value) for name, value in about.items() if value}}
    transaction.on_commit(lambda: logger.info(event.value, extra=told))
