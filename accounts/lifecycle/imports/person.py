"""What an export says about one person, whatever it came from."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime


class BadEntry(ValueError):
    """Why an entry is not imported, in words that hold no secret and nothing else of the entry's values."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the person is at an upstream issuer (OIDC Core §2: `iss` and `sub`)."""

    provider: str
    issuer: str
    subject: str


@dataclass(frozen=True, slots=True)
class ImportedUser:
    """`password` is in stored form, empty for none. There are no staff or superuser flags here: nobody imports power.

    `left_out` says what the export has beside that, in words that hold nothing of the person.
    """

    id: uuid.UUID
    email: str | None
    email_verified: bool = False
    name: str = ""
    disabled: bool = False
    roles: frozenset[str] = frozenset()
    identities: tuple[Identity, ...] = field(default=())
    password: str = ""
    created_at: datetime | None = None
    left_out: tuple[str, ...] = ()
