"""When the previous generation comes back: a lost answer, or a thief? A pure judgement, and the budget that bounds it.

About one phone in twenty loses an answer on a given day, so it is answered again, the same bytes. What keeps a thief
from living on that: the window, the app's retry key, and the budget.
"""

import hmac
from enum import Enum

from django.conf import settings
from django.utils import timezone

from accounts.devices.models import Device

BUDGET = 3
"""So many generations may be answered twice without proof; one more is reuse. One that was not gives one back."""


class Verdict(Enum):
    """What becomes of a token of the previous generation."""

    RACED = "raced"
    PROVEN = "proven"
    WITHIN_WINDOW = "within_window"
    TOO_LATE = "too_late"
    REUSED = "reused"


def judge(device: Device, retry_key_hash: str, *, strict: bool) -> Verdict:
    """`retry_key_hash` is that of this request, "" without one. Nothing is written.

    For a device that is bound to a key the proof was asked for before: whoever gets here holds that key, as no thief does.
    """
    if device.jkt:
        return Verdict.PROVEN
    if retry_key_hash and hmac.compare_digest(retry_key_hash, device.retry_key_hash):
        return Verdict.PROVEN
    if strict and (retry_key_hash or device.retry_key_hash):
        # Another key, or none where the rotation had one: a thief would simply leave the header out.
        return Verdict.REUSED
    elapsed = timezone.now() - device.rotated_at
    if elapsed > settings.REFRESH_RESCUE_WINDOW:
        return Verdict.TOO_LATE
    if elapsed <= settings.REFRESH_RACE_WINDOW:
        return Verdict.RACED  # One app's parallel calls; costs nothing.
    return Verdict.REUSED if _streak(device) > BUDGET else Verdict.WITHIN_WINDOW


def count(device: Device) -> bool:
    """Book this rescue against the budget; False when the row has moved on meanwhile."""
    unchanged = Device.objects.filter(id=device.id, counter=device.counter, revoked_at=None)
    return unchanged.update(rescue_streak=_streak(device), rescued_at_counter=device.counter) == 1


def _streak(device: Device) -> int:
    """Rescued generations, this one included, less those between them that were not; asking twice for one counts once."""
    if device.rescued_at_counter == device.counter:
        return device.rescue_streak
    clean = device.counter - device.rescued_at_counter - 1
    return max(0, device.rescue_streak - clean) + 1
