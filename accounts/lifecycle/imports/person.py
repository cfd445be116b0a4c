"""What an export says about one person, whatever it came from."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime

from accounts.users.email import normalise

# Only for deriving ids; changing it would make the people of earlier imports strangers.
_NAMESPACE = uuid.UUID("6f0e2b0c-0d55-5c1e-9d7c-3d0c2f5f7a11")


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
    """`password` is in stored form, empty for none. There are no staff or superuser flags here: nobody imports power."""

    id: uuid.UUID
    email: str | None
    email_verified: bool = False
    name: str = ""
    disabled: bool = False
    roles: frozenset[str] = frozenset()
    identities: tuple[Identity, ...] = field(default=())
    password: str = ""
    created_at: datetime | None = None


def id_for(source: str, source_id: str, email: str | None) -> uuid.UUID:
    """The source's own id where it is a UUID; else one that a second run derives again, so that it knows whom it has met."""
    try:
        return uuid.UUID(source_id)
    except ValueError:
        return uuid.uuid5(_NAMESPACE, f"{source}|{source_id}|{normalise(email or '')}")
