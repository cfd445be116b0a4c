"""Set a new password: by somebody who knows the old one, or who holds a link."""

import uuid

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import AddressRequired, InvalidInput
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.revocations import publish
from accounts.users.models import User

from . import hashing, policy, throttle


def change(user: User, current: str, new: str, *, keep: uuid.UUID | None, source: Source) -> None:
    """`keep` is the device that asks; the others end. Raises `InvalidInput`, Django's `ValidationError`, `TooManyAttempts`."""
    with throttle.guarded(user.email or str(user.id), source, known_device=keep) as attempt:
        if not hashing.verify(user, current):
            raise InvalidInput("current_password", "invalid_credentials", _("The current password is not right."))
        attempt.succeeded()
    policy.require_acceptable(new, user)
    store(user, hashing.hashed(new), actor=user.id, keep=keep, source=source)


def choose(user: User, new: str, *, keep: uuid.UUID, source: Source) -> None:
    """For somebody who proved just now who they are in another way. Raises `AddressRequired`, Django's `ValidationError`."""
    require_address(user)
    policy.require_acceptable(new, user)
    store(user, hashing.hashed(new), actor=user.id, keep=keep, source=source)


def require_address(user: User) -> None:
    """Raises `AddressRequired` for a guest: a password would open nothing, and be asked for (SECURITY P-17)."""
    if not user.email:
        raise AddressRequired("guest")


def store(
    user: User,
    encoded: str,
    *,
    actor: uuid.UUID | None,
    keep: uuid.UUID | None,
    source: Source,
    address_is_proven: bool = False,
) -> None:
    """Outdate every token, end every device but `keep`, tell the owner: one transaction. `encoded` is hashed before it begins.

    `actor` is None for the command line. A proven address also opens again what guesses had closed (SECURITY E-14).
    """
    with transaction.atomic():
        changed = {"password": encoded}
        if address_is_proven and user.email_verified_at is None:
            changed["email_verified_at"] = timezone.now()  # type: ignore[assignment]
        is_first = not user.has_usable_password()
        User.objects.filter(id=user.id).update(**changed)
        if address_is_proven and user.email:
            throttle.forgive(user.email)
        publish.users_stale([user.id])
        registry.revoke_all(user.id, Device.Ended.PASSWORD_CHANGED, actor=actor, source=source, keep=keep)
        record(Event.PASSWORD_CHANGED, subject=user.id, actor=actor, device=keep, source=source)
        if not (is_first and _is_joining(user)):
            enqueue.notice(Notice.PASSWORD_CHANGED, user.id, source=source, is_first=is_first)
    user.refresh_from_db()


def _is_joining(user: User) -> bool:
    """The address is not proven yet, or was so recently that no other proof would be asked for: a first password is no news
    then. Later it is a new way in (SECURITY P-10)."""
    proven = user.email_verified_at
    return proven is None or timezone.now() - proven <= settings.FACTOR_FRESHNESS_WINDOW
