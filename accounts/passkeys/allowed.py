"""Which credentials a sign-in offers. Without a proof nobody learns from it who has an account (SECURITY P-16)."""

import hashlib
import uuid

from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

from accounts.core.secrets import fingerprint

from . import collection
from .models import Passkey

_INTERNAL, _HYBRID = AuthenticatorTransport.INTERNAL, AuthenticatorTransport.HYBRID
_COMMON_SHAPES: tuple[tuple[int, list[AuthenticatorTransport]], ...] = (
    (20, [_INTERNAL, _HYBRID]),
    (20, [_HYBRID, _INTERNAL]),
    (16, [_INTERNAL, _HYBRID]),
    (32, [_INTERNAL]),
    (32, [_INTERNAL, _HYBRID]),
    (48, [AuthenticatorTransport.NFC, AuthenticatorTransport.USB]),
    (32, []),
)
"""Bytes of the id and transports, as the common authenticators make them."""


def of(user_id: uuid.UUID) -> list[PublicKeyCredentialDescriptor]:
    return [_descriptor(passkey) for passkey in collection.of(user_id).order_by("id")]


def for_address(address: str) -> list[PublicKeyCredentialDescriptor]:
    """The passkeys of a normalised address, or one that nobody has and that is the same each time it is asked for."""
    invented = _invented(address)
    return [_descriptor(passkey) for passkey in Passkey.objects.filter(user__email=address).order_by("id")] or [invented]


def _invented(address: str) -> PublicKeyCredentialDescriptor:
    seed = bytes.fromhex(fingerprint("passkey that nobody has", address))
    length, transports = _COMMON_SHAPES[seed[0] % len(_COMMON_SHAPES)]
    return PublicKeyCredentialDescriptor(id=hashlib.shake_256(seed).digest(length), transports=transports or None)


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id), transports=transports or None)
