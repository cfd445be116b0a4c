"""Keycloak: a realm export with users, as one file (`realm.json`) or as one of its `realm-users-*.json`."""

from functools import partial
from pathlib import Path
from typing import Any

from accounts.passwords.legacy import keycloak

from .json_entries import json_list
from .origin import Origin
from .person import BadEntry, ImportedUser
from .reading import flag, objects, text, words
from .source import Source
from .times import created

# Every realm has these; they say nothing about a person, or are powers over Keycloak itself.
_BUILT_IN = frozenset({"offline_access", "uma_authorization"})
_BUILT_IN_CLIENTS = frozenset({"account", "account-console", "admin-cli", "broker", "realm-management", "security-admin-console"})
_FACTORS = frozenset({"otp", "webauthn", "webauthn-passwordless", "recovery-authn-codes"})


def opened(path: Path, origin: Origin) -> Source:
    return Source(json_list(path, "users"), partial(_user, origin))


def _user(origin: Origin, data: dict[str, Any]) -> ImportedUser:
    if data.get("serviceAccountClientId"):
        raise BadEntry("a client's service account, not a person")
    email, verified = _address(data)
    credentials = objects(data, "credentials")
    identities, elsewhere = origin.identities(
        (text(item, "identityProvider"), text(item, "userId")) for item in objects(data, "federatedIdentities")
    )
    factors = ["a second factor or passkey"] if any(item.get("type") in _FACTORS for item in credentials) else []
    return ImportedUser(
        id=origin.id_for(text(data, "id") or text(data, "username"), email),
        email=email,
        email_verified=verified,
        name=f"{text(data, 'firstName')} {text(data, 'lastName')}".strip(),
        disabled="enabled" in data and not flag(data, "enabled"),
        roles=_roles(data),
        identities=identities,
        password=_password(credentials),
        created_at=created(data.get("createdTimestamp")),
        left_out=(*elsewhere, *factors),
    )


def _address(data: dict[str, Any]) -> tuple[str | None, bool]:
    """A user name that looks like one was never shown to be theirs, whatever the export says of the address (SECURITY L-10)."""
    if email := text(data, "email"):
        return email, flag(data, "emailVerified")
    username = text(data, "username")
    return (username if "@" in username else None), False


def _roles(data: dict[str, Any]) -> frozenset[str]:
    """A realm's role by its name; those of clients and groups say what they are, so that none passes for one of the realm."""
    of_realm = {name for name in words(data, "realmRoles") if name not in _BUILT_IN and not name.startswith("default-roles-")}
    by_client = data.get("clientRoles") or {}
    if not isinstance(by_client, dict):
        raise BadEntry("`clientRoles` is not an object")
    of_clients = {
        f"client:{client}:{name}" for client in by_client.keys() - _BUILT_IN_CLIENTS for name in words(by_client, client)
    }
    of_groups = {f"group:{path.strip('/').replace('/', ':')}" for path in words(data, "groups")}
    return frozenset(of_realm | of_clients | of_groups)


def _password(credentials: list[dict[str, Any]]) -> str:
    for credential in credentials:
        if credential.get("type") == "password":
            return keycloak.encoded(text(credential, "secretData"), text(credential, "credentialData"))
    return ""
