"""Whose place imported people take: accounts of which nobody has shown that the address is theirs (SECURITY L-10)."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.lifecycle.registration import unproven, unverified
from accounts.users.models import User

from .person import ImportedUser


def giving_way(people: Collection[ImportedUser]) -> tuple[QuerySet[User], QuerySet[User]]:
    """Registrations, which give way to everybody; and what an earlier run imported, for whoever comes with a verified address."""
    emails = [person.email for person in people if person.email]
    verified = [person.email for person in people if person.email and person.email_verified]
    return unverified().filter(email__in=emails), unproven(User.JoinedBy.IMPORT).filter(email__in=verified)
