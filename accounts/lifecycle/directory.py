"""The staff directory: make an account by invitation, change one, change one's own name."""

import uuid
from collections.abc import Collection

from django.db import IntegrityError, transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.requests import Source
from accounts.revocations import publish
from accounts.users.email import acceptable
from accounts.users.models import User

from . import invitation, powers, roles
from .powers import Actor


def create(
    email: str, *, name: str = "", groups: Collection[str] = (), is_staff: bool = False, actor_id: uuid.UUID, source: Source
) -> User:
    """An account without a password, and a mail that lets its owner choose one.

    Raises Django's `ValidationError` for the address, `InvalidInput` for a taken one or an unknown role, `Forbidden` for what the
    actor may not give.
    """
    address = acceptable(email)
    with transaction.atomic():
        wanted = roles.lock(groups)
        actor = powers.actor(actor_id)
        if is_staff:
            actor.require_superuser("only a superuser makes staff")
        user = _insert(address, name=name, is_staff=is_staff)
        record(Event.USER_CREATED, subject=user.id, actor=actor.id, source=source, is_staff=is_staff)
        roles.assign(user, wanted, actor=actor, source=source)
        invitation.invite(user)
    return user


def update(
    subject_id: uuid.UUID,
    *,
    name: str | None = None,
    groups: Collection[str] | None = None,
    is_staff: bool | None = None,
    actor_id: uuid.UUID,
    source: Source,
) -> User:
    """None leaves a field as it is. Raises `NotFound`, `Forbidden`, `NotOnOneself`, `InvalidInput`."""
    with transaction.atomic():
        wanted = None if groups is None else roles.lock(groups)
        actor, subject = powers.meet(actor_id, subject_id)
        if name is not None:
            _rename(subject, name, actor_id=actor.id, source=source)
        changed_staff = is_staff is not None and _set_staff(subject, is_staff, actor, source)
        changed_roles = wanted is not None and roles.assign(subject, wanted, actor=actor, source=source)
        if changed_staff or changed_roles:
            publish.users_stale([subject.id])
    subject.refresh_from_db()
    return subject


def rename_oneself(user_id: uuid.UUID, name: str, *, source: Source) -> User:
    """Raises `Forbidden` when the account may not act any more."""
    with transaction.atomic():
        actor = powers.actor(user_id)
        _rename(actor.user, name, actor_id=user_id, source=source)
    return actor.user


def speak(user_id: uuid.UUID, language: str) -> None:
    """The language of mails and pages to somebody; empty for the server's own."""
    User.objects.filter(id=user_id).update(language=language)


def _rename(user: User, name: str, *, actor_id: uuid.UUID, source: Source) -> None:
    if user.name == name:
        return
    User.objects.filter(id=user.id).update(name=name)
    user.name = name
    record(Event.USER_UPDATED, subject=user.id, actor=actor_id, source=source, changed=["name"])


def _set_staff(subject: User, is_staff: bool, actor: Actor, source: Source) -> bool:
    if subject.is_staff == is_staff:
        return False
    actor.require_superuser("only a superuser makes staff")
    powers.refuse_oneself(actor, subject)
    User.objects.filter(id=subject.id).update(is_staff=is_staff)
    record(Event.USER_UPDATED, subject=subject.id, actor=actor.id, source=source, changed=["is_staff"], is_staff=is_staff)
    return True


def _insert(address: str, *, name: str, is_staff: bool) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(address, None, name=name, is_staff=is_staff)
    except IntegrityError:
        raise InvalidInput("email", "unique", "Somebody has this address already.") from None
