"""Firebase: the JSON of `firebase auth:export`. The passwords need `FIREBASE_HASH_CONFIG`."""

from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import firebase

from .json_entries import json_list
from .origin import Origin
from .person import BadEntry, ImportedUser
from .reading import flag, objects, parsed, text, words
from .source import Source
from .times import created

_OWN = frozenset({"password", "phone"})


def opened(path: Path, origin: Origin) -> Source:
    return Source(json_list(path, "users"), partial(_user, origin))


def _user(origin: Origin, data: dict[str, Any]) -> ImportedUser:
    email = text(data, "email") or None
    made = text(data, "passwordHash")
    upstream = [(text(item, "providerId"), text(item, "rawId")) for item in objects(data, "providerUserInfo")]
    identities, elsewhere = origin.identities(pair for pair in upstream if pair[0] not in _OWN)
    roles, claims = _roles(data)
    return ImportedUser(
        id=origin.id_for(text(data, "localId"), email),
        email=email,
        email_verified=flag(data, "emailVerified"),
        name=text(data, "displayName"),
        disabled=flag(data, "disabled"),
        roles=roles,
        identities=identities,
        password=firebase.encoded(text(data, "salt"), made) if made else "",
        created_at=created(data.get("createdAt")),
        left_out=(*elsewhere, *claims, *(["a second factor"] if data.get("mfaInfo") else [])),
    )


def _roles(data: dict[str, Any]) -> tuple[frozenset[str], tuple[str, ...]]:
    """Custom claims are JSON in a text: `role` and `roles` name roles, anything else means something to its app alone."""
    written = text(data, "customAttributes")
    claims = parsed(written, "customAttributes") if written else {}
    if not isinstance(claims, dict):
        raise BadEntry("`customAttributes` is not an object")
    roles = frozenset([*words(claims, "roles"), *([role] if (role := text(claims, "role")) else [])])
    return roles, ("custom claims other than `role` and `roles`",) if claims.keys() - {"role", "roles"} else ()
