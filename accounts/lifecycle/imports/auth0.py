"""Auth0: JSON lines, either the users export, or the file of password hashes that its support sends.

Given both, the hashes are joined to the users by `user_id`, that of a linked account included.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import bcrypt

from .json_entries import json_lines
from .origin import Origin
from .person import BadEntry, ImportedUser
from .reading import Entry, flag, objects, text
from .source import Source
from .times import created

_DATABASE = "auth0"


def opened(path: Path, origin: Origin, passwords: Path | None) -> Source:
    hashes = _read(passwords) if passwords else _Hashes()
    return Source(json_lines(path), partial(_user, origin, hashes), hashes.left)


@dataclass(slots=True)
class _Hashes:
    """Of the second file, by `user_id`, each with its line."""

    found: dict[str, tuple[int, str]] = field(default_factory=dict)
    broken: list[Entry] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def of(self, user_ids: Iterable[str]) -> str:
        for user_id in user_ids:
            if user_id in self.found:
                self.used.add(user_id)
                return self.found[user_id][1]
        return ""

    def left(self) -> Iterator[Entry]:
        """Lines that could not be read, and hashes that are nobody's: somebody's password would be lost in silence."""
        unused = [line for user_id, (line, _) in self.found.items() if user_id not in self.used]
        reasons = dict.fromkeys(unused, "nobody in the export has this hash") | {
            entry.line: entry.broken for entry in self.broken
        }
        for line in sorted(reasons):
            yield Entry(line, {}, f"in the file of passwords: {reasons[line]}")


def _read(path: Path) -> _Hashes:
    hashes = _Hashes()
    for entry in json_lines(path).stream:
        try:
            _take(hashes, entry)
        except BadEntry as error:
            hashes.broken.append(Entry(entry.line, {}, str(error)))
    return hashes


def _take(hashes: _Hashes, entry: Entry) -> None:
    if entry.broken:
        raise BadEntry(entry.broken)
    user_id, stored = _user_id(entry.data), text(entry.data, "passwordHash")
    if user_id in hashes.found:
        raise BadEntry("an earlier line is of the same user")
    if stored:
        hashes.found[user_id] = entry.line, stored


def _user(origin: Origin, hashes: _Hashes, data: dict[str, Any]) -> ImportedUser:
    user_id = _user_id(data)
    email, verified = _address(data)
    linked = objects(data, "identities")
    stored = text(data, "passwordHash") or hashes.of([user_id, *_databases(linked)])
    identities, left_out = origin.identities(_upstream(user_id, linked))
    return ImportedUser(
        id=origin.id_for(user_id.removeprefix(f"{_DATABASE}|"), email),
        email=email,
        email_verified=verified,
        name=_name(data, email),
        disabled=flag(data, "blocked"),
        identities=identities,
        password=bcrypt.encoded(stored) if stored else "",
        created_at=created(data.get("created_at")),
        left_out=left_out,
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


def _databases(linked: list[dict[str, Any]]) -> list[str]:
    """Accounts of Auth0's own databases: whoever signed in by Google first and linked a password has it under such a one."""
    return [f"{_DATABASE}|{item.get('user_id')}" for item in linked if item.get("provider") == _DATABASE]


def _upstream(user_id: str, linked: list[dict[str, Any]]) -> list[tuple[str, str]]:
    provider, _, own = user_id.partition("|")
    pairs = [(provider, own), *((str(item.get("provider")), str(item.get("user_id", ""))) for item in linked)]
    return [_by_connection(provider, own) for provider, own in pairs if provider != _DATABASE]


def _by_connection(provider: str, own: str) -> tuple[str, str]:
    """Of a connection that the tenant made itself the id begins with its name: `our-okta|00u…`; `okta` would be any of them."""
    connection, bar, subject = own.partition("|")
    return (connection, subject) if bar else (provider, own)
