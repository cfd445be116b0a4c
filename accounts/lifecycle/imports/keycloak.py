"""Keycloak: a realm export with users, as one file (`realm.json`) or as one of its `realm-users-*.json`."""

from pathlib import Path
from typing import Any

from accounts.passwords.legacy import keycloak

from . import issuers, reading
from .person import BadEntry, ImportedUser, id_for
from .reading import flag, objects, text
from .source import Source
from .times import instant

# Every realm has these; they say nothing about a person.
_BUILT_IN = frozenset({"offline_access", "uma_authorization"})


def opened(path: Path) -> Source:
    return Source(reading.json_list(path, "users"), _user)


def _user(data: dict[str, Any]) -> ImportedUser:
    if data.get("serviceAccountClientId"):
        raise BadEntry("a client's service account, not a person")
    email = _address(data)
    upstream = [(text(item, "identityProvider"), text(item, "userId")) for item in objects(data, "federatedIdentities")]
    return ImportedUser(
        id=id_for("keycloak", text(data, "id") or text(data, "username"), email),
        email=email,
        email_verified=flag(data, "emailVerified"),
        name=f"{text(data, 'firstName')} {text(data, 'lastName')}".strip(),
        disabled="enabled" in data and not flag(data, "enabled"),
        roles=_roles(data),
        identities=issuers.identities(upstream),
        password=_password(data),
        created_at=instant(data.get("createdTimestamp")),
    )


def _address(data: dict[str, Any]) -> str | None:
    username = text(data, "username")
    return text(data, "email") or (username if "@" in username else None)


def _roles(data: dict[str, Any]) -> frozenset[str]:
    names = data.get("realmRoles") or []
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise BadEntry("`realmRoles` is not a list of names")
    return frozenset(name for name in names if name not in _BUILT_IN and not name.startswith("default-roles-"))


def _password(data: dict[str, Any]) -> str:
    for credential in objects(data, "credentials"):
        if credential.get("type") == "password":
            return keycloak.encoded(text(credential, "secretData"), text(credential, "credentialData"))
    return ""
