"""Revocation (RFC 7009): a client signs its person out here. Whatever the token was, the sign-in that it came of ends."""

import uuid

from accounts.core.errors import TokenInvalid
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.tokens import issued, refresh_token

from .errors import UnsupportedTokenType
from .models import Client


def revoke(client: Client, token: str, *, source: Source) -> None:
    """Nothing happens to what is unknown, over, or somebody else's (§2.2, SECURITY O-21). Raises `UnsupportedTokenType`."""
    device_id = _device_of(client, token)
    device = Device.objects.filter(id=device_id, client_id=client.id).first() if device_id else None
    if device is not None:
        registry.revoke(device, Device.Ended.SIGNED_OUT, actor=device.user_id, source=source)


def _device_of(client: Client, token: str) -> uuid.UUID | None:
    try:
        if token.startswith(refresh_token.PREFIX):
            return refresh_token.read(token).device_id
        found = issued.access_token(token)
    except TokenInvalid:
        return None
    if client.id not in {found["client_id"], issued.issued_to(found)}:
        return None
    if found["client_id"] != client.id or not issued.is_about_a_person(found):
        raise UnsupportedTokenType("no sign-in of this client")
    return uuid.UUID(found.text("sid"))
