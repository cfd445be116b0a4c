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
SEALED_GRANT_LIFETIME = 600
"""Seconds for which a browser's cookie is trusted, the longest of the sealed grants: a row must outlive those too."""
NEWS_OF_KEYS_LIFETIME = 10 * 365 * 86_400
"""Seconds. A process that is asked nothing reads nothing, and a host may be cut off for days. Tokens die meanwhile, and the rows
about them may go; a key would be trusted for ever (SECURITY K-07). A rotation writes a handful of rows."""
# Beyond the token's own life: clock differences between hosts, and transactions that commit late.
_MARGIN = 300
_BATCH = 1000


def device_ended(*device_ids: uuid.UUID) -> None:
    """Every token of these devices is refused from the commit on."""
    _write([(Kind.DEVICE, str(device_id), 0) for device_id in device_ids])


def device_stale(device_id: uuid.UUID, auth_time: int) -> None:
    """Tokens of this device from before `auth_time` (Unix seconds) are stale."""
    _write([(Kind.DEVICE_STALE, str(device_id), auth_time)])


def users_stale(user_ids: Iterable[uuid.UUID]) -> None:
    """Raise the epoch of these users and outdate every token of an older one. The only place that changes `epoch`."""
    ids = sorted(user_ids)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        with transaction.atomic():
            concerned = User.objects.filter(id__in=batch)
            # Locked in one order, so that two changes of large groups cannot deadlock; the same order across batches.
            list(concerned.select_for_update().order_by("id").values_list("id"))
            concerned.update(epoch=F("epoch") + 1)
            _write([(Kind.USER, str(user_id), epoch) for user_id, epoch in concerned.values_list("id", "epoch")])


def client_stopped(client_id: str) -> None:
    """Every token that was issued to this client so far is refused from the commit on, whoever it is about."""
    _write([(Kind.CLIENT, client_id, now())])


def key_pulled(kid: str) -> None:
    """Every token that this key has signed is refused from the commit on."""
    _write([(Kind.KEY, kid, 0)])


def keys_changed() -> None:
    """The key table changed: every process reads it again."""
    _write([(Kind.KEYS, str(uuid7()), 0)])


def _write(entries: list[tuple[str, str, int]]) -> None:
    told = [(kind, value, mark, now() + _lifetime(kind)) for kind, value, mark in entries]
    Revocation.objects.bulk_create(
        [Revocation(kind=kind, value=value, not_before=mark, expires_at=until) for kind, value, mark, until in told]
    )
    transaction.on_commit(lambda: feed.learn(told))


def _lifetime(kind: str) -> int:
    """Seconds for which a row must be there to be read."""
    if kind in {Kind.KEY, Kind.KEYS}:
        return NEWS_OF_KEYS_LIFETIME
    return max(int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()), SEALED_GRANT_LIFETIME) + _MARGIN
