"""Which credentials a sign-in offers. Without a proof nobody learns from it who has an account (SECURITY P-16)."""

import uuid

from django.db.models import QuerySet
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

from . import collection
from .models import Passkey


def of(user_id: uuid.UUID) -> list[PublicKeyCredentialDescriptor]:
    return _described(collection.of(user_id))


def for_address(address: str, *, known_to: uuid.UUID | None) -> list[PublicKeyCredentialDescriptor]:
    """The passkeys of a normalised address, on a device where its owner was signed in before (`known_to`). Anywhere else none:
    a made-up list would have to grow, shrink and age like a real one, and ours all know their owner without a list."""
    return _described(collection.of(known_to).filter(user__email=address)) if known_to else []


def _described(passkeys: QuerySet[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [_descriptor(passkey) for passkey in passkeys.order_by("id")]


def _descriptor(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    transports = [AuthenticatorTransport(name) for name in passkey.transports]
    return PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id), transports=transports or None)
