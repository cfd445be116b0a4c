"""Which upstream identities open an account: found, linked, unlinked."""

import uuid

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import AlreadyEnrolled, IdentityInUse, NotFound
from accounts.core.requests import Source
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.users.models import User

from .id_token import Identity
from .models import FederatedIdentity
from .providers import label_of

FACTOR = "identity"


def find(identity: Identity) -> User | None:
    """By issuer and subject, and nothing else (SECURITY F-08)."""
    return User.objects.filter(identities__issuer=identity.issuer, identities__subject=identity.subject).first()


def of(user_id: uuid.UUID) -> QuerySet[FederatedIdentity]:
    return FederatedIdentity.objects.filter(user_id=user_id).order_by("created_at", "id")


def used(identity: Identity) -> None:
    FederatedIdentity.objects.filter(issuer=identity.issuer, subject=identity.subject).update(last_used_at=timezone.now())


def link(user: User, identity: Identity, source: Source) -> FederatedIdentity:
    """Row, audit and mail in one transaction. Raises `AlreadyEnrolled`, or `IdentityInUse` when it opens another account."""
    try:
        with transaction.atomic():
            linked = store(user, identity, source)
            enqueue.notice(Notice.FACTOR_ADDED, user.id, source=source, factor=FACTOR, factor_name=identity.label)
    except IntegrityError:
        owner = find(identity)
        if owner is None:
            raise
        raise (AlreadyEnrolled if owner.id == user.id else IdentityInUse)(identity.provider) from None
    return linked


def store(user: User, identity: Identity, source: Source) -> FederatedIdentity:
    """Raises `IntegrityError` when it is linked already; call it in the transaction of the act."""
    linked = FederatedIdentity.objects.create(
        user=user,
        provider=identity.provider,
        issuer=identity.issuer,
        subject=identity.subject,
        email=identity.email[:254],
        last_used_at=timezone.now(),
    )
    record(Event.IDENTITY_LINKED, subject=user.id, actor=user.id, source=source, provider=identity.provider)
    return linked


def unlink(user_id: uuid.UUID, identity_id: uuid.UUID, source: Source, *, by_issuer: bool = False) -> None:
    """Row, audit and mail in one transaction. `by_issuer`: the issuer asked for it. Raises `NotFound`."""
    with transaction.atomic():
        linked = of(user_id).select_for_update().filter(id=identity_id).first()
        if linked is None:
            raise NotFound("identity")
        linked.delete()
        record(
            Event.IDENTITY_UNLINKED,
            subject=user_id,
            actor=None if by_issuer else user_id,
            source=source,
            provider=linked.provider,
            by_issuer=by_issuer,
        )
        enqueue.notice(Notice.FACTOR_REMOVED, user_id, source=source, factor=FACTOR, factor_name=label_of(linked.provider))
