"""Whether an imported person fits into our tables and is nobody that we have already."""

import unicodedata
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.core.shapes import is_one_line
from accounts.federation.models import FederatedIdentity
from accounts.users.email import acceptable
from accounts.users.models import ErasedAccount, User

from .giving_way import giving_way
from .person import BadEntry, ImportedUser

_LONGEST_ADDRESS = 254
_LONGEST_NAME = 150
_LONGEST_SUBJECT = 255
_LONGEST_ROLE = 150
# What stands where an export could not say a character.
_LOST = "\ufffd"
# Halves of surrogate pairs, which no database stores.
_HALF = "Cs"


class AlreadyImported(Exception):
    """An earlier run made this account. `moved`: it has another address than the entry."""

    def __init__(self, *, moved: bool) -> None:
        super().__init__()
        self.moved = moved


@dataclass(slots=True)
class Taken:
    """What belongs to somebody: in the database, or to an earlier entry of the same file."""

    ids: set[uuid.UUID] = field(default_factory=set)
    imported: dict[uuid.UUID, str | None] = field(default_factory=dict)
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
    if not person.email and not person.identities:
        raise BadEntry("there is neither an e-mail address nor a known identity: nobody could sign in")
    email = _address(person.email) if person.email else None
    _require_line("name", person.name, _LONGEST_NAME)
    for identity in person.identities:
        _require_line("subject of an identity", identity.subject, _LONGEST_SUBJECT)
    for role in person.roles:
        _require_role(role)
    return replace(person, email=email)


def in_database(people: Collection[ImportedUser]) -> Taken:
    """A handful of queries for a batch. What belongs to an account that gives way is not taken."""
    ids = [person.id for person in people]
    emails = [person.email for person in people if person.email]
    subjects = [identity.subject for person in people for identity in person.identities]
    leaving = {id for accounts in giving_way(people) for id in accounts.values_list("id", flat=True)}
    identities = FederatedIdentity.objects.filter(subject__in=subjects)
    found = User.objects.filter(id__in=ids).values_list("id", "joined_by", "email")
    return Taken(
        ids={id for id, joined_by, _ in found if joined_by != User.JoinedBy.IMPORT},
        imported={id: email for id, joined_by, email in found if joined_by == User.JoinedBy.IMPORT},
        erased=set(ErasedAccount.objects.filter(id__in=ids).values_list("id", flat=True)),
        emails=_with(User.objects.filter(email__in=emails).exclude(id__in=leaving)),
        identities=set(identities.exclude(user_id__in=leaving).values_list("issuer", "subject")),
    )


def require_new(person: ImportedUser, stored: Taken, met: Taken, refused_roles: Mapping[str, str]) -> None:
    """Raises `AlreadyImported`, or `BadEntry` for somebody else's id, address or identity, or a role that is not given."""
    if person.id in stored.erased:
        raise BadEntry("this id belonged to an account that was erased, and is never given again")
    if person.id in met.ids:
        raise BadEntry("an earlier entry of the file has this id")
    if person.id in stored.imported:
        raise AlreadyImported(moved=stored.imported[person.id] != person.email)
    if person.id in stored.ids:
        raise BadEntry("an account that no import made has this id")
    if person.email in met.emails:
        raise BadEntry("another entry of the file has this e-mail address")
    if person.email in stored.emails:
        raise BadEntry("another account has this e-mail address")
    if _keys(person) & (stored.identities | met.identities):
        raise BadEntry("another account has this identity at an issuer")
    for role in sorted(person.roles & refused_roles.keys()):
        raise BadEntry(refused_roles[role])


def _with(users: QuerySet[User]) -> set[str]:
    return {email for email in users.values_list("email", flat=True) if email}


def _keys(person: ImportedUser) -> set[tuple[str, str]]:
    return {(identity.issuer, identity.subject) for identity in person.identities}


def _address(email: str) -> str:
    _require_line("e-mail address", email, _LONGEST_ADDRESS)
    try:
        return acceptable(email)
    except ValidationError:
        raise BadEntry("the e-mail address is not one") from None


def _require_role(name: str) -> None:
    """Roles are found by their name in a path (decision 0008)."""
    _require_line("name of a role", name, _LONGEST_ROLE)
    if "/" in name or not name.strip("."):
        raise BadEntry("the name of a role holds a slash, or nothing but dots")


def _require_line(what: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise BadEntry(f"the {what} is longer than {longest} characters")
    if text.isascii() and text.isprintable():
        return
    if _LOST in text:
        raise BadEntry(f"the {what} holds a character that was lost on the way: the export is not in UTF-8 all through")
    if not is_one_line(text) or any(unicodedata.category(character) == _HALF for character in text):
        raise BadEntry(f"the {what} holds a character that cannot be printed on one line")
