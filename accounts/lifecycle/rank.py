"""Superuser or not, and permissions that one person holds beside their roles. Superusers alone decide (SECURITY A-03)."""

import uuid
from collections.abc import Collection

from django.contrib.auth.models import Permission
from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.revocations import publish
from accounts.users.models import User

from . import powers


def set_superuser(subject_id: uuid.UUID, is_superuser: bool, *, actor_id: uuid.UUID, source: Source) -> None:
    """Raises `NotFound`, `Forbidden`, `NotOnOneself`."""
    with transaction.atomic():
        subject = _met(subject_id, actor_id)
        if subject.is_superuser == is_superuser:
            return
        User.objects.filter(id=subject.id).update(is_superuser=is_superuser)
        publish.users_stale([subject.id])
        changed = ["is_superuser"]
        record(Event.USER_UPDATED, subject=subject.id, actor=actor_id, source=source, changed=changed, is_superuser=is_superuser)


def set_permissions(subject_id: uuid.UUID, wanted: Collection[Permission], *, actor_id: uuid.UUID, source: Source) -> None:
    """Give exactly these, beside what the roles give. Raises `NotFound`, `Forbidden`, `NotOnOneself`."""
    with transaction.atomic():
        subject = _met(subject_id, actor_id)
        held = set(subject.user_permissions.select_related("content_type"))
        if held == set(wanted):
            return
        subject.user_permissions.set(wanted)
        publish.users_stale([subject.id])
        record(
            Event.USER_UPDATED,
            subject=subject.id,
            actor=actor_id,
            source=source,
            changed=["permissions"],
            added=_names(set(wanted) - held),
            removed=_names(held - set(wanted)),
        )


def _met(subject_id: uuid.UUID, actor_id: uuid.UUID) -> User:
    actor, subject = powers.meet(actor_id, subject_id)
    actor.require_superuser("rank is given by superusers")
    powers.refuse_oneself(actor, subject)
    return subject


def _names(permissions: Collection[Permission]) -> list[str]:
    return sorted(f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions)
