"""Supabase: rows of `auth.users` with their identities, as JSON or CSV (docs/importing.md has the query)."""

from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.passwords.legacy import recognise

from .csv_rows import csv_table
from .json_entries import begins_with_json, json_list
from .origin import Origin
from .person import ImportedUser
from .reading import objects, parsed, text
from .source import Source
from .times import created, instant

_NEEDED = frozenset({"id", "email", "encrypted_password"})
_OWN = frozenset({"email", "phone"})


def opened(path: Path, origin: Origin) -> Source:
    entries = json_list(path) if begins_with_json(path) else csv_table(path, needed=_NEEDED)
    return Source(entries, partial(_user, origin))


def _user(origin: Origin, data: dict[str, Any]) -> ImportedUser:
    email = text(data, "email") or None
    stored = text(data, "encrypted_password")
    upstream = [(text(item, "provider"), _subject(item)) for item in objects(data, "identities")]
    identities, left_out = origin.identities(pair for pair in upstream if pair[0] not in _OWN)
    return ImportedUser(
        id=origin.id_for(text(data, "id"), email),
        email=email,
        email_verified=bool(text(data, "email_confirmed_at")),
        name=_name(data),
        disabled=_is_banned(data) or bool(text(data, "deleted_at")),
        identities=identities,
        password=recognise.encoded(stored) if stored else "",
        created_at=created(data.get("created_at")),
        left_out=left_out,
    )


def _is_banned(data: dict[str, Any]) -> bool:
    until = instant(data.get("banned_until"))
    return until is not None and until > timezone.now()


def _name(data: dict[str, Any]) -> str:
    about = data.get("raw_user_meta_data")
    if isinstance(about, str) and about.strip():
        about = parsed(about, "raw_user_meta_data")
    if not isinstance(about, dict):
        return ""
    return text(about, "full_name") or text(about, "name") or f"{text(about, 'first_name')} {text(about, 'last_name')}".strip()


def _subject(identity: dict[str, Any]) -> str:
    """Newer versions have `provider_id`; in older ones `id` was the subject."""
    return text(identity, "provider_id") or text(identity, "id")
