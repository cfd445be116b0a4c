"""A refresh token that should be gone came back: end the device, in a transaction of its own, before anything is answered.

Only this device ends, never the person's others. Each function returns the error to raise, so that the commit is
behind us when it flies (SECURITY R-04).
"""

import logging

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import metrics
from accounts.core.errors import DeviceRevoked, Problem, TokenReused
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice

logger = logging.getLogger("signet.tokens")


def end_device(device: Device, source: Source) -> Problem:
    """Theft: device, feed, audit event and a mail to the owner commit together. Racing accusers write one mail."""
    with transaction.atomic(durable=True):
        if registry.revoke(device, Device.Ended.REFRESH_TOKEN_REUSED, actor=None, source=source):
            record(Event.REFRESH_TOKEN_REUSED, subject=device.user_id, device=device.id, source=source, succeeded=False)
            _tell_owner(device, source)
    logger.warning("refresh_token.reused", extra={"device": str(device.id)})
    metrics.refreshes.labels("reused").inc()
    return TokenReused("reuse")


def end_quietly(device: Device, source: Source) -> Problem:
    """An answer lost for too long and nothing to prove whose it was: sign out, accuse nobody (SECURITY R-31)."""
    with transaction.atomic(durable=True):
        if registry.revoke(device, Device.Ended.REFRESH_TOKEN_LOST, actor=None, source=source):
            record(Event.REFRESH_TOKEN_LOST, subject=device.user_id, device=device.id, source=source, succeeded=False)
    metrics.refreshes.labels("lost").inc()
    return DeviceRevoked("lost answer")


def _tell_owner(device: Device, source: Source) -> None:
    enqueue.notice(
        Notice.DEVICE_ENDED_FOR_REUSE, device.user_id, source=source, device_name=str(device), platform=device.platform
    )
