"""Another Django project: the JSON of `manage.py dumpdata` with its user model.

Groups in the same dump give the roles; of django-allauth, addresses say which are verified, and social accounts are identities.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import recognise

from .json_entries import json_list
from .origin import Origin
from .person import BadEntry, ImportedUser
from .reading import Entries, Entry, UnreadableExport, flag, text
from .source import Source
from .times import created

_UNUSABLE = "!"
Owner = tuple[str, str]


def opened(path: Path, origin: Origin, model: str) -> Source:
    """`model` as dumpdata names it: `auth.user`. Raises `UnreadableExport`."""
    found = list(json_list(path).stream)
    people = [_with_key(entry) for entry in found if entry.broken or entry.data.get("model") == model]
    if not people:
        raise UnreadableExport(f"The file holds no {model}: name the user model with --model.")
    return Source(Entries(len(people), iter(people)), partial(_user, origin, _beside(found)))


@dataclass(slots=True)
class _Beside:
    """What other rows of the dump say about its users."""

    groups: dict[str, Any] = field(default_factory=dict)
    verified: set[tuple[Owner, str]] = field(default_factory=set)
    social: dict[Owner, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    factors: set[Owner] = field(default_factory=set)


def _beside(found: list[Entry]) -> _Beside:
    beside = _Beside()
    for entry in found:
        fields = _fields(entry)
        match entry.data.get("model"):
            case "auth.group":
                beside.groups[str(entry.data.get("pk"))] = fields.get("name")
            case "account.emailaddress" if fields.get("verified") is True:
                beside.verified.add((_owner(fields), str(fields.get("email")).casefold()))
            case "socialaccount.socialaccount":
                beside.social[_owner(fields)].append((str(fields.get("provider")), str(fields.get("uid"))))
            case "mfa.authenticator":
                beside.factors.add(_owner(fields))
    return beside


def _with_key(entry: Entry) -> Entry:
    return entry if entry.broken else Entry(entry.line, {**_fields(entry), "pk": entry.data.get("pk")})


def _fields(entry: Entry) -> dict[str, Any]:
    fields = entry.data.get("fields")
    return fields if isinstance(fields, dict) else {}


def _owner(fields: dict[str, Any]) -> Owner:
    """By number, or by natural key: somebody may have called themselves "1"."""
    owner = fields.get("user")
    return ("key", str(owner[0])) if isinstance(owner, list) and owner else ("number", str(owner))


def _as_owners(data: dict[str, Any]) -> set[Owner]:
    """The natural key is the user name; where there is none, the address."""
    number = {("number", str(data["pk"]))} if data.get("pk") is not None else set()
    key = text(data, "username") or text(data, "email")
    return number | ({("key", key)} if key else set())


def _user(origin: Origin, beside: _Beside, data: dict[str, Any]) -> ImportedUser:
    email, verified = _address(data, beside)
    stored = text(data, "password")
    owners = _as_owners(data)
    identities, elsewhere = origin.identities(pair for owner in sorted(owners) for pair in beside.social.get(owner, ()))
    return ImportedUser(
        id=origin.id_for("" if data.get("pk") is None else str(data["pk"]), email),
        email=email,
        email_verified=verified,
        name=text(data, "name") or f"{text(data, 'first_name')} {text(data, 'last_name')}".strip(),
        disabled="is_active" in data and not flag(data, "is_active"),
        roles=_roles(data, beside.groups),
        identities=identities,
        password=recognise.encoded(stored) if stored and not stored.startswith(_UNUSABLE) else "",
        created_at=created(data.get("date_joined") or data.get("created_at")),
        left_out=(*elsewhere, *_powers(data), *(["a second factor or passkey"] if owners & beside.factors else [])),
    )


def _address(data: dict[str, Any], beside: _Beside) -> tuple[str | None, bool]:
    """A user name that looks like one is verified by django-allauth's word alone (SECURITY L-10)."""
    given, username = text(data, "email"), text(data, "username")
    email = given or (username if "@" in username else "")
    vouched = any((owner, email.casefold()) in beside.verified for owner in _as_owners(data))
    return email or None, vouched or bool(given and flag(data, "email_verified"))


def _powers(data: dict[str, Any]) -> list[str]:
    flagged = flag(data, "is_staff") or flag(data, "is_superuser")
    return [
        *(["a staff or superuser flag"] if flagged else []),
        *(["permissions beside those of roles"] if data.get("user_permissions") else []),
    ]


def _roles(data: dict[str, Any], groups: dict[str, Any]) -> frozenset[str]:
    """By number, or by natural key (`dumpdata --natural-foreign`)."""
    given = data.get("groups") or []
    if not isinstance(given, list):
        raise BadEntry("`groups` is not a list")
    names = [item[0] if isinstance(item, list) and item else groups.get(str(item)) for item in given]
    known = [name for name in names if isinstance(name, str)]
    if len(known) < len(names):
        raise BadEntry("a group that is not in the dump: add auth.group to it")
    return frozenset(known)
