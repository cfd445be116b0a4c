"""Write to the feed, in the transaction of the change. This process knows at commit, the others within a second."""

import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import F

from accounts.core.clock import now
from accounts.core.ids import uuid7
from accounts.users.models import User

from . import feed
from .models import Revocation

Kind = Revocation.Kind
# Beyond the token's own life: clock differences between hosts, and transactions that commit late.
_MARGIN = 300
_BATCH = 1000


def device_ended(*device_ids: uuid.UUID) -> None:
    _write([(Kind.DEVICE, str(device_id), 0) for device_id in device_ids])


def device_stale(device_id: uuid.UUID, auth_time: int) -> None:
    """Tokens of this device from before `auth_time` (Unix seconds) are stale."""
    _write([(Kind.DEVICE_STALE, str(device_id), auth_time)])


def users_stale(user_ids: Iterable[uuid.UUID]) -> None:
    """Raise the epoch of these users and outdate every token of an older one. The only place that changes `epoch`."""
    ids = list(user_ids)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        with transaction.atomic():
            User.objects.filter(id__in=batch).update(epoch=F("epoch") + 1)
            epochs = User.objects.filter(id__in=batch).values_list("id", "epoch")
            _write([(Kind.USER, str(user_id), epoch) for user_id, epoch in epochs])


def key_pulled(kid: str) -> None:
    _write([(Kind.KEY, kid, 0)])


def keys_changed() -> None:
    """The key table changed: every process reads it again."""
    _write([(Kind.KEYS, str(uuid7()), 0)])


def _write(entries: list[tuple[str, str, int]]) -> None:
    expires_at = now() + int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()) + _MARGIN
    rows = [Revocation(kind=kind, value=value, not_before=mark, expires_at=expires_at) for kind, value, mark in entries]
    Revocation.objects.bulk_create(rows)
    transaction.on_commit(lambda: feed.learn([(kind, value, mark, expires_at) for kind, value, mark in entries]))
