"""Who the browser's cookie stands for, and when the device row must be asked again."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.core.clock import now
from accounts.core.errors import Problem, TokenInvalid
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.tokens import gate
from accounts.tokens.claims import Claims
from accounts.tokens.gate import Admission
from accounts.tokens.grant import CredentialKind, Grant, grant_of

from .cookies import current_claims

_SEEN_INTERVAL = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Presence:
    """`renewed` is set when the row was read: a fresh cookie goes out with the answer."""

    grant: Grant
    renewed: tuple[Admission, Device] | None = None


def find(claims: Claims, source: Source) -> Presence | None:
    """None when the device has ended, has run out, or its owner may not have tokens. Raises `Unavailable`."""
    grant = grant_of(claims, CredentialKind.COOKIE)
    if grant.expires_at > now():
        try:
            grant.refuse_revoked()
        except TokenInvalid:
            return _renewed(grant, claims, source)
        return Presence(grant)
    return _renewed(grant, claims, source)


def _renewed(grant: Grant, claims: Claims, source: Source) -> Presence | None:
    device = Device.objects.select_related("user").filter(id=grant.device_id, user_id=grant.user_id).first()
    if device is None or not device.is_live:
        return None
    try:
        admission = gate.admit_again(device.user, acr=device.acr)
    except Problem:
        return None
    _seen(device, source)
    fresh = Claims({**claims, **current_claims(device.user, device)}, kid=grant.kid)
    return Presence(grant_of(fresh, CredentialKind.COOKIE), (admission, device))


def _seen(device: Device, source: Source) -> None:
    """Several tabs renew at once: one write a minute is enough."""
    current = timezone.now()
    stale = Q(last_seen_at__lt=current - _SEEN_INTERVAL)
    Device.objects.filter(stale, id=device.id, revoked_at=None).update(
        last_seen_at=current, last_network=source.network, idle_expires_at=current + settings.REFRESH_IDLE_LIFETIME
    )


def live_device(device_id: uuid.UUID) -> Device | None:
    """The row itself, for acts that must not trust a cookie."""
    device = Device.objects.select_related("user").filter(id=device_id).first()
    return device if device is not None and device.is_live else None
