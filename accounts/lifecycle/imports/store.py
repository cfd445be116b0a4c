"""Write a batch of imported people: all of them, or none."""

from collections.abc import Collection, Mapping
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction

from accounts.federation.models import FederatedIdentity
from accounts.users.models import User

from .person import ImportedUser


def store(people: Collection[ImportedUser], groups: Mapping[str, Group], *, at: datetime) -> None:
    """Staff and superuser stay off. Addresses that the source had verified count as verified at `at`."""
    memberships = User.groups.through
    with transaction.atomic():
        User.objects.bulk_create([_user(person, at) for person in people])
        memberships.objects.bulk_create(
            [memberships(user_id=person.id, group_id=groups[role].pk) for person in people for role in sorted(person.roles)]
        )
        FederatedIdentity.objects.bulk_create([identity for person in people for identity in _identities(person, at)])


def groups_named(names: Collection[str], *, create: bool) -> dict[str, Group]:
    """Those that exist; with `create`, the others are made, and allow nothing until somebody gives them permissions."""
    if create:
        Group.objects.bulk_create([Group(name=name) for name in sorted(names)], ignore_conflicts=True)
    return {group.name: group for group in Group.objects.filter(name__in=names)}


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
