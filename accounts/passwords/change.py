"""Set a new password: by somebody who knows the old one, or who holds a link."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.outbox import enqueue
from accounts.revocations import publish
from accounts.users.models import User

from . import hashing, policy
from .throttle import guarded


def change(user: User, current: str, new: str, *, keep: uuid.UUID | None, source: Source) -> None:
    """`keep` is the device that asks; the others end. Raises `InvalidInput`, Django's `ValidationError`, `TooManyAttempts`."""
    with guarded(user.email, source, known_device=keep) as attempt:
        if not hashing.verify(user, current):
            raise InvalidInput("current_password", "invalid_credentials", "The current password is not right.")
        attempt.succeeded()
    policy.require_acceptable(new, user)
    store(user, hashing.hashed(new), keep=keep, source=source)


def store(user: User, encoded: str, *, keep: uuid.UUID | None, source: Source, address_is_proven: bool = False) -> None:
    """Outdate every token, end every device but `keep`, tell the owner: one transaction. `encoded` is hashed before it begins."""
    with transaction.atomic():
        changed = {"password": encoded}
        if address_is_proven and user.email_verified_at is None:
            changed["email_verified_at"] = timezone.now()  # type: ignore[assignment]
        had_password = user.has_usable_password()
        User.objects.filter(id=user.id).update(**changed)
        publish.users_stale([user.id])
        registry.revoke_all(user.id, Device.Ended.PASSWORD_CHANGED, actor=user.id, source=source, keep=keep)
        record(Event.PASSWORD_CHANGED, subject=user.id, actor=user.id, device=keep, source=source)
        if had_password:
            enqueue.mail(
                "password_changed",
                to=user.email,
                name=user.name,
                occurred_at=timezone.now().strftime("%Y-%m-%d %H:%M UTC"),
                address=source.address,
                devices_url=f"{settings.PUBLIC_URL}/account/security/",
            )
    user.refresh_from_db()
