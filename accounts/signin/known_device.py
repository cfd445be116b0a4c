"""Evidence that this installation has been signed in as somebody before: it keeps its owner from being locked out.

A browser shows a cookie of its own, an app its last refresh token, dead or alive. Neither opens anything.
"""

import uuid
from dataclasses import dataclass

from accounts.core.errors import TokenInvalid
from accounts.devices.models import Device
from accounts.tokens import refresh_token, sealed


@dataclass(frozen=True, slots=True)
class KnownDevice:
    user_id: uuid.UUID
    device_id: uuid.UUID


def mark(user_id: uuid.UUID, device_id: uuid.UUID) -> str:
    """The value of the known-device cookie."""
    return sealed.seal(sealed.KNOWN_DEVICE, {"sub": str(user_id), "sid": str(device_id)})


def from_mark(value: str) -> KnownDevice | None:
    try:
        claims = sealed.unseal(sealed.KNOWN_DEVICE, value)
        return KnownDevice(uuid.UUID(claims.text("sub")), uuid.UUID(claims.text("sid")))
    except (TokenInvalid, ValueError):
        return None


def from_refresh_token(token: str) -> KnownDevice | None:
    """The row must still be there, ended or not; it is swept half a year after its sign-in."""
    try:
        presented = refresh_token.read(token)
    except TokenInvalid:
        return None
    owner = Device.objects.filter(id=presented.device_id).values_list("user_id", flat=True).first()
    return KnownDevice(owner, presented.device_id) if owner else None
