"""Supabase: rows of `auth.users` with their identities, as JSON or CSV (docs/importing.md has the query)."""

from pathlib import Path
from typing import Any

from django.utils import timezone

from accounts.passwords.legacy import recognise

from . import issuers, reading
from .person import ImportedUser, id_for
from .reading import objects, parsed, text
from .source import Source
from .times import instant

_NEEDED = frozenset({"id", "email", "encrypted_password"})


def opened(path: Path) -> Source:
    entries = reading.json_list(path) if reading.begins_with_json(path) else reading.csv_table(path, needed=_NEEDED)
    return Source(entries, _user)


def _user(data: dict[str, Any]) -> ImportedUser:
    email = text(data, "email") or None
    stored = text(data, "encrypted_password")
    upstream = [(text(item, "provider"), _subject(item)) for item in objects(data, "identities")]
    return ImportedUser(
        id=id_for("supabase", text(data, "id"), email),
        email=email,
        email_verified=bool(text(data, "email_confirmed_at")),
        name=_name(data),
        disabled=_is_banned(data) or bool(text(data, "deleted_at")),
        identities=issuers.identities(upstream),
        password=recognise.encoded(stored) if stored else "",
        created_at=instant(data.get("created_at")),
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
