"""A CSV file that somebody made: `email` and any of the other columns."""

from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import recognise

from . import issuers
from .csv_rows import csv_table
from .issuers import UnknownIssuer
from .origin import Origin
from .person import BadEntry, Identity, ImportedUser
from .reading import flag, text
from .source import Source
from .times import created

_NEEDED = frozenset({"email"})
_KNOWN = _NEEDED | {"id", "name", "email_verified", "password_hash", "roles", "disabled", "created_at", "issuer", "subject"}


def opened(path: Path, origin: Origin) -> Source:
    return Source(csv_table(path, needed=_NEEDED, known=_KNOWN), partial(_user, origin))


def _user(origin: Origin, data: dict[str, Any]) -> ImportedUser:
    email = text(data, "email") or None
    stored = text(data, "password_hash")
    return ImportedUser(
        id=origin.id_for(text(data, "id"), email),
        email=email,
        email_verified=flag(data, "email_verified"),
        name=text(data, "name"),
        disabled=flag(data, "disabled"),
        roles=frozenset(name for part in text(data, "roles").split(";") if (name := part.strip())),
        identities=_identities(text(data, "issuer"), text(data, "subject")),
        password=recognise.encoded(stored) if stored else "",
        created_at=created(data.get("created_at")),
    )


def _identities(issuer: str, subject: str) -> tuple[Identity, ...]:
    if not issuer and not subject:
        return ()
    if not issuer or not subject:
        raise BadEntry("of `issuer` and `subject` there is one without the other")
    try:
        found = issuers.by_address(issuer)
    except UnknownIssuer as error:
        raise BadEntry(str(error)) from None
    return (Identity(found.provider, found.issuer, subject),)
