"""Write a batch of imported people: all of them, or none."""

from collections import Counter
from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.federation.models import FederatedIdentity
from accounts.links import codes
from accounts.users.models import User

from .giving_way import giving_way
from .person import ImportedUser
from .roles import groups_named


def store(people: Collection[ImportedUser], *, origin: str, at: datetime) -> None:
    """Staff and superuser stay off. Addresses that the source had verified count as verified at `at`."""
    memberships = User.groups.through
    with transaction.atomic():
        groups = groups_named({role for person in people for role in person.roles})
        _make_room(people)
        User.objects.bulk_create([_user(person, at) for person in people])
        memberships.objects.bulk_create(
            [memberships(user_id=person.id, group_id=groups[role].pk) for person in people for role in sorted(person.roles)]
        )
        FederatedIdentity.objects.bulk_create([identity for person in people for identity in _identities(person, at)])
        formats = Counter(format_of(person) for person in people)
        record(Event.USERS_IMPORTED, origin=origin, count=len(people), formats=dict(formats))


def format_of(person: ImportedUser) -> str:
    """The name of the hasher, or `none`."""
    return person.password.partition("$")[0] or "none"


def _make_room(people: Collection[ImportedUser]) -> None:
    """Their codes go too: a handle of such a registration would keep what the import brings (SECURITY L-10)."""
    for accounts in giving_way(people):
        for leaving in accounts.select_for_update(of=("self",)):
            codes.forget_person(leaving.id, leaving.email or "")
            leaving.delete()


def _user(person: ImportedUser, at: datetime) -> User:
    return User(
        id=person.id,
        email=person.email,
        email_verified_at=at if person.email and person.email_verified else None,
        name=person.name,
        joined_by=User.JoinedBy.IMPORT,
        is_active=not person.disabled,
        password=person.password or make_password(None),
        created_at=person.created_at or at,
    )


def _identities(person: ImportedUser, at: datetime) -> list[FederatedIdentity]:
    return [
        FederatedIdentity(
            user_id=person.id,
            provider=identity.provider,
            issuer=identity.issuer,
            subject=identity.subject,
            email=person.email or "",
            created_at=at,
        )
        for identity in person.identities
    ]
