"""Whether an imported person fits into our tables and is nobody that we have already."""

import unicodedata
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.federation.models import FederatedIdentity
from accounts.users.email import normalise
from accounts.users.models import ErasedAccount, User

from .person import BadEntry, ImportedUser

_LONGEST_EMAIL = 254
_LONGEST_NAME = 150
_LONGEST_SUBJECT = 255
_LONGEST_ROLE = 150
# What breaks a line, and halves of surrogate pairs, which no database stores.
_UNPRINTABLE = {"Cc", "Zl", "Zp", "Cs"}


class AlreadyImported(Exception):
    """An account with this id exists: an earlier run made it."""


@dataclass(slots=True)
class Taken:
    """What belongs to somebody: in the database, or to an earlier entry of the same file."""

    ids: set[uuid.UUID] = field(default_factory=set)
    erased: set[uuid.UUID] = field(default_factory=set)
    emails: set[str] = field(default_factory=set)
    identities: set[tuple[str, str]] = field(default_factory=set)

    def claim(self, person: ImportedUser) -> None:
        self.ids.add(person.id)
        if person.email:
            self.emails.add(person.email)
        self.identities |= _keys(person)


def tidied(person: ImportedUser) -> ImportedUser:
    """The address normalised. Raises `BadEntry` for what does not fit."""
    email = normalise(person.email) if person.email else None
    if email is not None:
        _require_address(email)
    elif not person.identities:
        raise BadEntry("there is neither an e-mail address nor a known identity: nobody could sign in")
    _require_line("name", person.name, _LONGEST_NAME)
    for identity in person.identities:
        _require_line("subject of an identity", identity.subject, _LONGEST_SUBJECT)
    for role in person.roles:
        _require_line("name of a role", role, _LONGEST_ROLE)
    return replace(person, email=email)


def in_database(people: Collection[ImportedUser]) -> Taken:
    """Four queries for a batch."""
    ids = [person.id for person in people]
    subjects = [identity.subject for person in people for identity in person.identities]
    return Taken(
        ids=set(User.objects.filter(id__in=ids).values_list("id", flat=True)),
        erased=set(ErasedAccount.objects.filter(id__in=ids).values_list("id", flat=True)),
        emails=set(_emails([person.email for person in people if person.email])),
        identities=set(FederatedIdentity.objects.filter(subject__in=subjects).values_list("issuer", "subject")),
    )


def require_new(person: ImportedUser, stored: Taken, met: Taken, roles: Collection[str]) -> None:
    """Raises `AlreadyImported`, or `BadEntry` for somebody else's id, address or identity, or an unknown role."""
    if person.id in stored.erased:
        raise BadEntry("this id belonged to an account that was erased, and is never given again")
    if person.id in met.ids:
        raise BadEntry("an earlier entry of the file has this id")
    if person.id in stored.ids:
        raise AlreadyImported
    if person.email in met.emails:
        raise BadEntry("an earlier entry of the file has this e-mail address")
    if person.email in stored.emails:
        raise BadEntry("another account has this e-mail address")
    if _keys(person) & (stored.identities | met.identities):
        raise BadEntry("another account has this Google or Apple identity")
    if unknown := person.roles - set(roles):
        raise BadEntry(f"there is no role {', '.join(sorted(unknown))}: create it, or give --create-roles")


def _emails(addresses: list[str]) -> list[str]:
    return [email for email in User.objects.filter(email__in=addresses).values_list("email", flat=True) if email]


def _keys(person: ImportedUser) -> set[tuple[str, str]]:
    return {(identity.issuer, identity.subject) for identity in person.identities}


def _require_address(email: str) -> None:
    _require_line("e-mail address", email, _LONGEST_EMAIL)
    try:
        validate_email(email)
    except ValidationError:
        raise BadEntry("the e-mail address is not one") from None


def _require_line(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise BadEntry(f"the {what} is longer than {longest} characters")
    if any(unicodedata.category(character) in _UNPRINTABLE for character in text):
        raise BadEntry(f"the {what} holds a character that cannot be printed on one line")
