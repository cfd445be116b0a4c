"""Keycloak's password credentials: PBKDF2 or Argon2, in two members that hold JSON as text."""

import json
from collections.abc import Mapping
from typing import Any

from . import argon2, bcrypt, pbkdf2
from .costs import UnusableHash
from .verify_only import from_base64, to_base64

_PBKDF2 = {"pbkdf2": "sha1", "pbkdf2-sha256": "sha256", "pbkdf2-sha512": "sha512"}
_ARGON2_VERSIONS = {"1.0": 16, "1.3": 19}


def encoded(secret_data: str, credential_data: str) -> str:
    """Raises `UnusableHash`."""
    secret, parameters = _object(secret_data), _object(credential_data)
    algorithm, value = str(parameters.get("algorithm")), str(secret.get("value"))
    if algorithm in _PBKDF2:
        rounds = _number(parameters.get("hashIterations"))
        return pbkdf2.encoded(_PBKDF2[algorithm], rounds, from_base64(str(secret.get("salt"))), from_base64(value))
    if algorithm == "argon2":
        return argon2.encoded(_phc(parameters, str(secret.get("salt")), value))
    if algorithm == "bcrypt":
        return bcrypt.encoded(value)
    raise UnusableHash("a Keycloak algorithm that is not known here")


def _phc(parameters: Mapping[str, Any], salt: str, value: str) -> str:
    more = parameters.get("additionalParameters")
    lists = more.items() if isinstance(more, dict) else ()
    given = {name: found[0] for name, found in lists if isinstance(found, list) and found}
    version = _ARGON2_VERSIONS.get(str(given.get("version", "1.3")))
    passes = _number(parameters.get("hashIterations"))
    memory, lanes = _number(given.get("memory")), _number(given.get("parallelism"))
    fields = (to_base64(from_base64(salt)), to_base64(from_base64(value)))
    return f"$argon2{given.get('type', 'id')}$v={version}$m={memory},t={passes},p={lanes}${'$'.join(fields)}"


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise UnusableHash("a Keycloak credential that is not JSON")
    return found


def _number(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        raise UnusableHash("a Keycloak credential with a parameter missing") from None
