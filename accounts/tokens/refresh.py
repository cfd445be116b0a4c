"""Rotate a refresh token (RFC 9700 §4.14.2): one compare-and-swap decides, a lost answer can be asked for again.

Presented generation c against the stored n:
  c = n      swap, answer n + 1
  c = n − 1  the answer was lost: answer n again (`rescue`)
  c < n − 1  reuse: the device ends
  c > n      the database went back in time: refuse, accuse nobody

A device that is bound to a key is asked for a proof first (RFC 9449 §5). Without it nothing is judged and nobody accused: what a
thief holds without the key opens nothing.
"""

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import gates, metrics, secrets
from accounts.core.errors import DeviceRevoked, InvalidDpopProof, TokenExpired, TokenInvalid, Unavailable
from accounts.core.requests import Source
from accounts.devices import lookup
from accounts.devices.models import FIRST_PARTY, Device
from accounts.devices.swap import swap

from . import dpop, gate, refresh_token, rescue, reuse, scopes
from .gate import Admission
from .refresh_token import Presented

logger = logging.getLogger("signet.tokens")
_MOST_RACES = 8
_EVENT_WINDOW = 60
"""Seconds."""


class Outcome(StrEnum):
    """What `X-Refresh` tells support."""

    ROTATED = "rotated"
    RACED = "raced"
    RESCUED = "rescued"


@dataclass(frozen=True, slots=True)
class Rotation:
    """`scope` is that of this access token; the device keeps what it was given."""

    admission: Admission
    device: Device
    outcome: Outcome
    scope: str

    @property
    def refresh_token(self) -> str:
        """The token of the generation now in force, computed with the key recorded at its swap (SECURITY R-22)."""
        return current_token(self.device)


def current_token(device: Device) -> str:
    """Raises `TokenInvalid` when the key that made it has been removed from `ENCRYPTION_KEYS`."""
    try:
        return refresh_token.make(device.id, device.counter, device.mac_key_id)
    except secrets.UnknownKey as error:
        raise TokenInvalid("its MAC key was removed") from error


@dataclass(frozen=True, slots=True)
class _Asked:
    """What this request brought beside the token."""

    retry_key_hash: str
    scope: str
    source: Source
    permit: Callable[[Device], None]

    def answer(self, device: Device, outcome: Outcome) -> Rotation:
        """The gate is asked here, where tokens would be made, and not before: a stolen token that comes back is found whatever
        the account may (SECURITY R-02, R-11). Raises what the gate does, and `InvalidInput` for a scope that the device was not
        given; make the answer before anything is written down."""
        admission = gate.admit_again(device.user, acr=device.acr)
        self.permit(device)
        return Rotation(admission, device, outcome, scopes.requested(self.scope, granted=device.scope))


def rotate(
    token: str,
    *,
    retry_key: str,
    source: Source,
    scope: str = "",
    shown: dpop.Shown = dpop.NOTHING,
    client_id: str = FIRST_PARTY,
    permit: Callable[[Device], None] = lambda device: None,
) -> Rotation:
    """A token opens for the client alone that it was made for (SECURITY R-09). `permit` is what that client is asked beside the
    gate, and raises what it will. `shown` counts for a device that is bound to a key.

    Raises `TokenInvalid`, `TokenExpired`, `TokenReused`, `DeviceRevoked`, `AccountUnavailable`, `EmailUnverified`, `Unavailable`;
    and `InvalidDpopProof`, `UseDpopNonce`, and `InvalidInput` for a scope beyond the grant: then the token was not used up.
    """
    presented = _read(token)
    asked = _Asked(_hash(retry_key), scope, source, permit)
    device = live_device(presented)
    if device.client_id != client_id:
        raise TokenInvalid("another client's")
    _require_key(device, shown)
    for _ in range(_MOST_RACES):
        rotation = _attempt(device, presented, asked)
        if rotation is not None:
            metrics.refreshes.labels(rotation.outcome.value).inc()
            return rotation
        device = live_device(presented)
    raise Unavailable("too many concurrent rotations", retry_after=1)


def live_device(presented: Presented) -> Device:
    """The device with its user, read now. Raises `TokenInvalid`, `DeviceRevoked` or `TokenExpired`."""
    device = lookup.with_user(presented.device_id)
    if device is None:
        raise TokenInvalid("unknown device")
    if device.revoked_at is not None:
        raise DeviceRevoked(device.ended_because)
    if not device.is_live:
        raise TokenExpired("device expired")
    return device


def _require_key(device: Device, shown: dpop.Shown) -> None:
    """The key is that of the sign-in for as long as the device lives (SECURITY D-10). Counted, so that copied tokens show."""
    try:
        if device.jkt:
            dpop.require(device.jkt, shown)
    except InvalidDpopProof:
        metrics.refreshes.labels("unproven").inc()
        raise


def _attempt(device: Device, presented: Presented, asked: _Asked) -> Rotation | None:
    """None when another request changed the row between our look and our swap."""
    match device.counter - presented.counter:
        case 0:
            rotation = asked.answer(device, Outcome.ROTATED)
            return rotation if _swap(device, asked) else None
        case 1:
            return _rescue(device, asked)
        case behind if behind < 0:
            _refuse_counter_ahead(device, asked.source)
    raise reuse.end_device(device, asked.source)


def _swap(device: Device, asked: _Asked) -> bool:
    return swap(
        device,
        mac_key_id=secrets.primary_key_id(),
        retry_key_hash=asked.retry_key_hash,
        network=asked.source.network,
        idle_expires_at=timezone.now() + settings.REFRESH_IDLE_LIFETIME,
    )


def _rescue(device: Device, asked: _Asked) -> Rotation | None:
    match rescue.judge(device, asked.retry_key_hash, strict=settings.REFRESH_STRICT):
        case rescue.Verdict.RACED:
            return asked.answer(device, Outcome.RACED)
        case rescue.Verdict.PROVEN:
            return asked.answer(device, Outcome.RESCUED)
        case rescue.Verdict.WITHIN_WINDOW:
            rotation = asked.answer(device, Outcome.RESCUED)
            return rotation if rescue.count(device) else None
        case rescue.Verdict.TOO_LATE:
            raise reuse.end_quietly(device, asked.source)
        case rescue.Verdict.REUSED:
            raise reuse.end_device(device, asked.source)


def _refuse_counter_ahead(device: Device, source: Source) -> NoReturn:
    """A genuine token from a future that the database has lost: a restored backup, not a thief.

    Its app may try on for ever: recorded once in each window for each device (SECURITY S-03).
    """
    metrics.refreshes.labels("counter_ahead").inc()
    with transaction.atomic():
        if gates.first_in_window("counter-ahead-event", str(device.id), seconds=_EVENT_WINDOW):
            logger.error("refresh_counter.ahead", extra={"device": str(device.id)})
            record(Event.REFRESH_COUNTER_AHEAD, subject=device.user_id, device=device.id, source=source, succeeded=False)
    raise TokenInvalid("counter ahead of the database")


def _read(token: str) -> Presented:
    """Counted, so that a key taken out of `ENCRYPTION_KEYS` too early shows (SECURITY R-21)."""
    try:
        return refresh_token.read(token)
    except TokenInvalid:
        metrics.refreshes.labels("invalid").inc()
        raise


def _hash(retry_key: str) -> str:
    return hashlib.sha256(retry_key.encode()).hexdigest() if retry_key else ""
