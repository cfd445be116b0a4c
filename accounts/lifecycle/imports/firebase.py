"""Firebase: the JSON of `firebase auth:export`. The passwords need `FIREBASE_HASH_CONFIG`."""

from pathlib import Path
from typing import Any

from accounts.passwords.legacy import firebase

from . import issuers, reading
from .person import ImportedUser, id_for
from .reading import flag, objects, text
from .source import Source
from .times import instant


def opened(path: Path) -> Source:
    return Source(reading.json_list(path, "users"), _user)


def _user(data: dict[str, Any]) -> ImportedUser:
    email = text(data, "email") or None
    made = text(data, "passwordHash")
    upstream = [(text(item, "providerId"), text(item, "rawId")) for item in objects(data, "providerUserInfo")]
    return ImportedUser(
        id=id_for("firebase", text(data, "localId"), email),
        email=email,
        email_verified=flag(data, "emailVerified"),
        name=text(data, "displayName"),
        disabled=flag(data, "disabled"),
        identities=issuers.identities(upstream),
        password=firebase.encoded(text(data, "salt"), made) if made else "",
        created_at=instant(data.get("createdAt")),
    )
