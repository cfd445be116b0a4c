"""Encryption at rest: AES-256-GCM, bound to what the ciphertext is for.

Stored form: `v1.<key id>.<base64url(nonce ‖ ciphertext)>`. `context` is authenticated with it, so a ciphertext copied
into another row or column does not open.
"""

import base64
import os
from functools import reduce
from operator import or_

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db.models import Q

from . import secrets

_NONCE_BYTES = 12


class CannotDecrypt(Exception):
    """The ciphertext was altered, moved, or its key is gone."""


def encrypt(plaintext: bytes, *, context: str) -> str:
    """AES-256-GCM with the first of `ENCRYPTION_KEYS`; opens again only in the same `context`."""
    key_id = secrets.primary_key_id()
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(secrets.derived("at-rest", key_id)).encrypt(nonce, plaintext, _associated(context))
    return f"v1.{key_id}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def decrypt(stored: str, *, context: str) -> bytes:
    """Raises `CannotDecrypt`."""
    try:
        version, key_id, body = stored.split(".")
        raw = base64.urlsafe_b64decode(body)
        if version != "v1":
            raise CannotDecrypt(version)
        cipher = AESGCM(secrets.derived("at-rest", key_id))
        return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], _associated(context))
    except (ValueError, InvalidTag, secrets.UnknownKey) as error:
        raise CannotDecrypt(context) from error


def unopenable(field: str) -> Q:
    """For a query: rows whose ciphertext in `field` was made with none of `ENCRYPTION_KEYS`."""
    return ~reduce(or_, (Q(**{f"{field}__startswith": f"v1.{key_id}."}) for key_id in secrets.key_ring()))


def _associated(context: str) -> bytes:
    return f"signet|v1|{context}".encode()
