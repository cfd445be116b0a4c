"""Disable and enable an account, and sign somebody out everywhere: known to every process within a second."""

import uuid

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.revocations import publish
from accounts.users.models import User

from . import powers


def disable(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> User:
    """Every token and device of the account ends. Twice is no error. Raises `NotFound`, `Forbidden`, `NotOnOneself`."""
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
        powers.refuse_oneself(actor, subject)
        if subject.is_active:
            User.objects.filter(id=subject.id).update(is_active=False)
            publish.users_stale([subject.id])
            registry.revoke_all(subject.id, Device.Ended.ACCOUNT_DISABLED, actor=actor.id, source=source)
            record(Event.USER_DISABLED, subject=subject.id, actor=actor.id, source=source)
    subject.refresh_from_db()
    return subject


def enable(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> User:
    """The person may sign in again; nothing that was ended comes back. Raises `NotFound`, `Forbidden`, `NotOnOneself`."""
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
        powers.refuse_oneself(actor, subject)
        if not subject.is_active:
            User.objects.filter(id=subject.id).update(is_active=True)
            publish.users_stale([subject.id])
            record(Event.USER_ENABLED, subject=subject.id, actor=actor.id, source=source)
    subject.refresh_from_db()
    return subject


def sign_out_everywhere(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> int:
    """End every device and outdate every token; answers how many devices ended. Raises `NotFound` or `Forbidden`."""
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
        publish.users_stale([subject.id])
        ended = registry.revoke_all(subject.id, Device.Ended.SIGNED_OUT_BY_STAFF, actor=actor.id, source=source)
        record(Event.USER_SIGNED_OUT, subject=subject.id, actor=actor.id, source=source, devices=ended)
    return ended
