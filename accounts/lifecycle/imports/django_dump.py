"""Another Django project: the JSON of `manage.py dumpdata` with its user model.

Groups in the same dump give the roles; addresses of django-allauth in it say which are verified.
"""

from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import recognise

from . import reading
from .person import BadEntry, ImportedUser, id_for
from .reading import Entries, Entry, UnreadableExport, flag, text
from .source import Source
from .times import instant

_UNUSABLE = "!"


def opened(path: Path, model: str) -> Source:
    """`model` as dumpdata names it: `auth.user`. Raises `UnreadableExport`."""
    found = list(reading.json_list(path).stream)
    people = [_with_key(entry) for entry in found if entry.broken or entry.data.get("model") == model]
    if not people:
        raise UnreadableExport(f"The file holds no {model}: name the user model with --model.")
    groups = {entry.data.get("pk"): _fields(entry).get("name") for entry in found if entry.data.get("model") == "auth.group"}
    addresses = [_fields(entry) for entry in found if entry.data.get("model") == "account.emailaddress"]
    verified = {
        (_owner(address), str(address.get("email")).casefold()) for address in addresses if address.get("verified") is True
    }
    return Source(Entries(len(people), iter(people)), partial(_user, groups, verified))


def _with_key(entry: Entry) -> Entry:
    return entry if entry.broken else Entry(entry.line, {**_fields(entry), "pk": entry.data.get("pk")})


def _fields(entry: Entry) -> dict[str, Any]:
    fields = entry.data.get("fields")
    return fields if isinstance(fields, dict) else {}


def _owner(address: dict[str, Any]) -> str:
    """By number, or by natural key, which is the user name."""
    owner = address.get("user")
    return str(owner[0] if isinstance(owner, list) and owner else owner)


def _user(groups: dict[Any, Any], verified: set[tuple[str, str]], data: dict[str, Any]) -> ImportedUser:
    username = text(data, "username")
    email = text(data, "email") or (username if "@" in username else None)
    address = (email or "").casefold()
    stored = text(data, "password")
    return ImportedUser(
        id=id_for("django", str(data.get("pk") or ""), email),
        email=email,
        email_verified=flag(data, "email_verified") or any((owner, address) in verified for owner in (str(data["pk"]), username)),
        name=text(data, "name") or f"{text(data, 'first_name')} {text(data, 'last_name')}".strip(),
        disabled="is_active" in data and not flag(data, "is_active"),
        roles=_roles(data, groups),
        password=recognise.encoded(stored) if stored and not stored.startswith(_UNUSABLE) else "",
        created_at=instant(data.get("date_joined") or data.get("created_at")),
    )


def _roles(data: dict[str, Any], groups: dict[Any, Any]) -> frozenset[str]:
    """By number, or by natural key (`dumpdata --natural-foreign`)."""
    given = data.get("groups") or []
    if not isinstance(given, list):
        raise BadEntry("`groups` is not a list")
    names = [item[0] if isinstance(item, list) and item else groups.get(item) for item in given]
    known = frozenset(name for name in names if isinstance(name, str))
    if len(known) < len(set(names)):
        raise BadEntry("a group that is not in the dump: add auth.group to it")
    return known
