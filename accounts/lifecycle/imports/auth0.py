"""Auth0: JSON lines, either the users export, or the file of password hashes that its support sends.

Given both, the hashes are joined to the users by `user_id`.
"""

from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import bcrypt

from . import issuers, reading
from .person import BadEntry, ImportedUser, id_for
from .reading import UnreadableExport, flag, objects, text
from .source import Source
from .times import instant

_DATABASE = "auth0"


def opened(path: Path, passwords: Path | None) -> Source:
    """Raises `UnreadableExport` for a file of passwords that cannot be used whole."""
    hashes = _hashes(passwords) if passwords else {}
    return Source(reading.json_lines(path), partial(_user, hashes))


def _hashes(path: Path) -> dict[str, str]:
    """By `user_id`. Raises `UnreadableExport`: a hash that is nobody's would be lost in silence."""
    found: dict[str, str] = {}
    for entry in reading.json_lines(path).stream:
        try:
            if entry.broken:
                raise BadEntry(entry.broken)
            found[_user_id(entry.data)] = text(entry.data, "passwordHash")
        except BadEntry as error:
            raise UnreadableExport(f"Line {entry.line} of the file of passwords: {error}.") from None
    return found


def _user(hashes: dict[str, str], data: dict[str, Any]) -> ImportedUser:
    user_id = _user_id(data)
    email, verified = _address(data)
    stored = text(data, "passwordHash") or hashes.get(user_id, "")
    return ImportedUser(
        id=id_for("auth0", user_id.partition("|")[2], email),
        email=email,
        email_verified=verified,
        name=_name(data, email),
        disabled=flag(data, "blocked"),
        identities=issuers.identities(_connections(data, user_id)),
        password=bcrypt.encoded(stored) if stored else "",
        created_at=instant(data.get("created_at")),
    )


def _user_id(data: dict[str, Any]) -> str:
    """`auth0|…`; the file of hashes gives it as `alt_id` or `_id.$oid`, without the connection."""
    if user_id := data.get("user_id") or data.get("Id"):
        return str(user_id)
    own = data.get("_id")
    found = data.get("alt_id") or (own.get("$oid") if isinstance(own, dict) else own)
    if not found:
        raise BadEntry("there is no `user_id`")
    return f"{_DATABASE}|{found}"


def _address(data: dict[str, Any]) -> tuple[str | None, bool]:
    if email := text(data, "email"):
        return email, flag(data, "email_verified")
    for identifier in objects(data, "identifiers"):
        if identifier.get("type") == "email":
            return text(identifier, "value") or None, flag(identifier, "verified")
    return None, False


def _name(data: dict[str, Any], email: str | None) -> str:
    """Auth0 puts the address where no name is known."""
    name = text(data, "name") or f"{text(data, 'given_name')} {text(data, 'family_name')}".strip()
    return "" if name.casefold() == (email or "").casefold() else name


def _connections(data: dict[str, Any], user_id: str) -> list[tuple[str, str]]:
    linked = [(str(item.get("provider")), str(item.get("user_id", ""))) for item in objects(data, "identities")]
    connection, _, subject = user_id.partition("|")
    return [(connection, subject), *linked]
