"""Somebody lost their phone and their recovery codes: whoever is sure of who asks can take the second factors away."""

import uuid

from django.db import transaction

from accounts.core.requests import NOWHERE, Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.mfa import totp
from accounts.passkeys import collection
from accounts.revocations import publish
from accounts.users.models import User

from . import powers


def remove_second_factors(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> User:
    """Authenticator app, recovery codes and passkeys go, every device ends, and the person is told by mail.

    The password stays. Raises `NotFound`, `Forbidden` for anybody but a superuser, `NotOnOneself`.
    """
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
        actor.require_superuser("second factors are taken away by superusers only")
        powers.refuse_oneself(actor, subject)
        _remove(subject, actor.id, source)
    subject.refresh_from_db()
    return subject


def remove_from_command_line(subject: User) -> None:
    """For the last superuser, whom nobody else could help."""
    with transaction.atomic():
        _remove(subject, None, NOWHERE)


def _remove(subject: User, actor_id: uuid.UUID | None, source: Source) -> None:
    totp.remove(subject.id, actor_id=actor_id, source=source)
    for passkey in collection.of(subject.id):
        collection.remove(passkey, actor_id=actor_id, source=source)
    publish.users_stale([subject.id])
    registry.revoke_all(subject.id, Device.Ended.SIGNED_OUT_BY_STAFF, actor=actor_id, source=source)
