"""The passkeys that somebody has: listed, renamed, removed."""

import uuid

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice

from .models import Passkey

FACTOR = "passkey"


def of(user_id: uuid.UUID) -> QuerySet[Passkey]:
    return Passkey.objects.filter(user_id=user_id)


def count(user_id: uuid.UUID) -> int:
    return of(user_id).count()


def rename(passkey: Passkey, name: str, *, source: Source, device_id: uuid.UUID | None = None) -> None:
    with transaction.atomic():
        Passkey.objects.filter(id=passkey.id).update(name=name)
        owner = passkey.user_id
        record(Event.PASSKEY_RENAMED, subject=owner, actor=owner, device=device_id, source=source, passkey=str(passkey.id))
    passkey.name = name


def remove(passkey: Passkey, *, actor_id: uuid.UUID | None, source: Source, device_id: uuid.UUID | None = None) -> None:
    """`actor_id` is None for the command line. Whether it may go is the caller's question (SECURITY P-17).

    Removing what is gone already tells nobody anything.
    """
    with transaction.atomic():
        gone, _ = Passkey.objects.filter(id=passkey.id).delete()
        if gone:
            owner = passkey.user_id
            record(Event.PASSKEY_REMOVED, subject=owner, actor=actor_id, device=device_id, source=source, passkey=str(passkey.id))
            enqueue.notice(Notice.FACTOR_REMOVED, owner, source=source, factor=FACTOR, factor_name=str(passkey))
