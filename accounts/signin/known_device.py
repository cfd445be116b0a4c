"""Evidence that this installation has been signed in as somebody before: it keeps its owner from being locked out.

A browser shows a cookie of its own, an app its last refresh token, dead or alive. Neither opens anything. The mark also
remembers, if its owner asked for that, that a second factor was shown here.
"""

import uuid
from dataclasses import dataclass

from django.conf import settings

from accounts.core.clock import now
from accounts.core.errors import TokenInvalid
from accounts.core.proofs import Acr, at_least
from accounts.devices.models import Device
from accounts.tokens import refresh_token, sealed
from accounts.tokens.claims import Claims
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """`second_factor_until` in Unix seconds, for the account as it was at `epoch`; 0 when nothing was asked to be remembered."""

    user_id: uuid.UUID
    device_id: uuid.UUID
    second_factor_until: int = 0
    epoch: int = 0

    def spares_second_factor(self, user_id: uuid.UUID, epoch: int) -> bool:
        return self.user_id == user_id and self.epoch == epoch and self.second_factor_until > now()


def mark(user: User, device: Device, *, remember: bool = False, previous: KnownDevice | None = None) -> str:
    """The value of the known-device cookie. `remember` counts only after a second factor was shown; what an earlier sign-in
    of the same person remembered stays as long as it was promised."""
    claims: dict[str, object] = {"sub": str(user.id), "sid": str(device.id)}
    if remember and at_least(device.acr, Acr.AAL2):
        claims |= {"until": now() + int(settings.MFA_REMEMBERED_FOR.total_seconds()), "epoch": user.epoch}
    elif previous and previous.spares_second_factor(user.id, user.epoch):
        claims |= {"until": previous.second_factor_until, "epoch": previous.epoch}
    return sealed.seal(sealed.KNOWN_DEVICE, claims)


def from_mark(value: str) -> KnownDevice | None:
    """None for a mark that is forged, damaged or too old."""
    try:
        claims = sealed.unseal(sealed.KNOWN_DEVICE, value)
        until, epoch = _remembered(claims)
        return KnownDevice(uuid.UUID(claims.text("sub")), uuid.UUID(claims.text("sid")), until, epoch)
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


def _remembered(claims: Claims) -> tuple[int, int]:
    return (claims.integer("until"), claims.integer("epoch")) if "until" in claims else (0, 0)
