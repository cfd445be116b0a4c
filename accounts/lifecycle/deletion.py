"""Leave: shut at once, undone by a link for two weeks, then erased. The id is never given to anybody else."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit import retention as audit_retention
from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import LastAdministrator
from accounts.core.requests import NOWHERE, Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.links import codes, mailed
from accounts.links.mailed import MailedAct
from accounts.mfa import attempts
from accounts.outbox import enqueue
from accounts.outbox import retention as outbox_retention
from accounts.outbox.enqueue import Notice
from accounts.passwords import throttle
from accounts.revocations import publish
from accounts.users.email import normalise
from accounts.users.models import ErasedAccount, User

from . import powers, registration

_BATCH = 100


def request(user: User, *, actor_id: uuid.UUID, source: Source) -> User:
    """Everything that signs in dies within a second. Twice is no error. Raises `LastAdministrator` (SECURITY L-15)."""
    with transaction.atomic():
        if user.is_superuser and not _another_administrator(user):
            raise LastAdministrator
        leaving = User.objects.select_for_update().filter(id=user.id, deletion_due_at=None)
        if leaving.update(deletion_due_at=timezone.now() + settings.DELETION_GRACE_PERIOD):
            publish.users_stale([user.id])
            registry.revoke_all(user.id, Device.Ended.ACCOUNT_DELETED, actor=actor_id, source=source)
            record(Event.DELETION_REQUESTED, subject=user.id, actor=actor_id, source=source)
            enqueue.notice(Notice.DELETION_REQUESTED, user.id, source=source)
    user.refresh_from_db()
    return user


def request_by_staff(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> User:
    """Raises `NotFound`, `Forbidden`, `NotOnOneself`, `LastAdministrator`."""
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
        powers.refuse_oneself(actor, subject)
        return request(subject, actor_id=actor.id, source=source)


def matches_account(user: User, typed: str) -> bool:
    """Whether what was typed confirms that this very account is meant: its address, or `delete` for a guest."""
    return normalise(typed) == (user.email or "delete")


def cancel(token: str, *, source: Source) -> User:
    """The account is as it was; what was signed in stays out. Raises `TokenInvalid`."""
    link = mailed.open_link(token, MailedAct.CANCEL_DELETION)
    with transaction.atomic():
        mailed.use(link)
        User.objects.filter(id=link.user.id).update(deletion_due_at=None)
        record(Event.DELETION_CANCELLED, subject=link.user.id, actor=link.user.id, source=source)
    link.user.refresh_from_db()
    return link.user


def whose(token: str) -> User:
    """Whose deletion a link cancels, for the page that asks. Raises `TokenInvalid`."""
    return mailed.open_link(token, MailedAct.CANCEL_DELETION).user


def erase_due() -> int:
    """For the worker: erase everybody whose time is up, and abandoned accounts; answers how many went."""
    due = User.objects.filter(deletion_due_at__lte=timezone.now()).values_list("id", flat=True)[:_BATCH]
    return sum(erase(user_id) for user_id in due)


def erase(user_id: uuid.UUID) -> bool:
    """Every row about the person goes; audit events stay, about nobody (SECURITY L-12). False when a cancel was faster."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(id=user_id, deletion_due_at__lte=timezone.now()).first()
        if user is None:
            return False
        _erase(user)
    return True


def sweep_abandoned() -> int:
    """Registrations that nobody verified for a week, and guests whose last device has gone; not while a mail of theirs still
    opens something."""
    old = timezone.now() - timedelta(days=7)
    untouched = User.objects.filter(is_staff=False, is_superuser=False, devices=None, groups=None, deletion_due_at=None)
    guests = untouched.filter(email=None, identities=None, passkeys=None)
    kinds = [
        rows.filter(created_at__lt=old).exclude(id__in=codes.owners_of_live()) for rows in (registration.unverified(), guests)
    ]
    return sum(_erase_one_of(rows, user_id) for rows in kinds for user_id in list(rows.values_list("id", flat=True)[:_BATCH]))


def _erase_one_of(rows: QuerySet[User], user_id: uuid.UUID) -> bool:
    """Asked again under the lock: whoever came between our look and now stays."""
    with transaction.atomic():
        user = User.objects.select_for_update().filter(id=user_id).first()
        # A statement of its own: one that waits for the lock reads the other tables as they were before.
        if user is None or not rows.filter(id=user_id).exists():
            return False
        _erase(user)
    return True


def _erase(user: User) -> None:
    """What hangs on the row goes with it; what only names it goes here."""
    user_id, address = user.id, user.email or ""
    throttle.forget_person(address, user.devices.values_list("id", flat=True))
    attempts.forget_person(user_id)
    codes.forget_person(user_id, address)
    outbox_retention.forget_person(user_id)
    audit_retention.forget_person(user_id)
    user.delete()
    ErasedAccount.objects.get_or_create(id=user_id)
    record(Event.ACCOUNT_ERASED, source=NOWHERE)


def _another_administrator(user: User) -> bool:
    others = User.objects.filter(is_superuser=True, is_active=True, deletion_due_at=None)
    return others.exclude(id=user.id).exists()
