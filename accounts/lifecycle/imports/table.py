"""A CSV file that somebody made: `email` and any of the other columns."""

from pathlib import Path
from typing import Any

from accounts.passwords.legacy import recognise

from . import reading
from .person import ImportedUser, id_for
from .reading import flag, text
from .source import Source
from .times import instant

_NEEDED = frozenset({"email"})
_KNOWN = _NEEDED | {"id", "name", "email_verified", "password_hash", "roles", "disabled", "created_at"}


def opened(path: Path) -> Source:
    return Source(reading.csv_table(path, needed=_NEEDED, known=_KNOWN), _user)


def _user(data: dict[str, Any]) -> ImportedUser:
    email = text(data, "email") or None
    stored = text(data, "password_hash")
    return ImportedUser(
        id=id_for("csv", text(data, "id"), email),
        email=email,
        email_verified=flag(data, "email_verified"),
        name=text(data, "name"),
        disabled=flag(data, "disabled"),
        roles=frozenset(name for part in text(data, "roles").split(";") if (name := part.strip())),
        password=recognise.encoded(stored) if stored else "",
        created_at=instant(data.get("created_at")),
    )
