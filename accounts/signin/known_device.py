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
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.links.asker import Asker
from accounts.mfa import factors
from accounts.tokens import refresh_token, sealed
from accounts.tokens.claims import Claims
from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class KnownDevice:
    """`second_factor_at`: the Unix second in which one was shown, for the account as it was at `epoch`; 0 when nothing was asked
    to be remembered."""

    user_id: uuid.UUID
    device_id: uuid.UUID
    second_factor_at: int = 0
    epoch: int = 0


def mark(user: User, device: Device, *, remember: bool = False, previous: KnownDevice | None = None) -> str:
    """The value of the known-device cookie. `remember` counts only after a second factor was shown; what an earlier sign-in
    of the same person remembered stays as long as it would have."""
    claims: dict[str, object] = {"sub": str(user.id), "sid": str(device.id)}
    if remember and at_least(device.acr, Acr.AAL2):
        claims |= {"second_factor_at": now(), "epoch": user.epoch}
    elif previous and spares_second_factor(previous, user):
        claims |= {"second_factor_at": previous.second_factor_at, "epoch": previous.epoch}
    return sealed.seal(sealed.KNOWN_DEVICE, claims)


def spares_second_factor(shown: KnownDevice | None, user: User) -> bool:
    """Its owner asked this very browser not to be asked again, within `MFA_REMEMBERED_FOR`, and since then has changed neither
    password nor role nor the app; and nobody has signed it out but they themselves, there (SECURITY P-27)."""
    if shown is None or (shown.user_id, shown.epoch) != (user.id, user.epoch):
        return False
    if now() >= shown.second_factor_at + settings.MFA_REMEMBERED_FOR.total_seconds():
        return False
    return not factors.has_newer_authenticator(user.id, shown.second_factor_at) and _is_in_good_hands(shown.device_id)


def _is_in_good_hands(device_id: uuid.UUID) -> bool:
    """Still signed in, run out, or signed out there. A lost laptop was signed out from elsewhere; of a device whose row is gone
    nothing can be said."""
    ended = Device.objects.filter(id=device_id).values_list("ended_because", flat=True).first()
    return ended in {"", Device.Ended.SIGNED_OUT}


def from_mark(value: str) -> KnownDevice | None:
    """None for a mark that is forged, damaged or too old."""
    try:
        claims = sealed.unseal(sealed.KNOWN_DEVICE, value)
        return KnownDevice(uuid.UUID(claims.text("sub")), uuid.UUID(claims.text("sid")), *_remembered(claims))
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


def asker(evidence: KnownDevice | None, source: Source) -> Asker:
    """Who asks for a mail or types a code, with what they show of having been here before."""
    return Asker(source, evidence.device_id, evidence.user_id) if evidence else Asker(source)


def _remembered(claims: Claims) -> tuple[int, int]:
    remembered = "second_factor_at" in claims
    return (claims.integer("second_factor_at"), claims.integer("epoch")) if remembered else (0, 0)
