"""The one write of a refresh: a compare-and-swap of the device row.

Written as SQL because it is the hottest statement there is: the ORM takes longer to build it than a database to run it.
"""

from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.core.group_commit import GroupCommit

from .models import Device

# The user's epoch is part of the condition, so that a sign-out everywhere that commits first always wins (SECURITY R-19).
_SWAP = """\
UPDATE accounts_device SET counter = counter + 1, mac_key_id = %s, retry_key_hash = %s,
  rotated_at = %s, last_seen_at = %s, last_network = %s, idle_expires_at = %s
WHERE id = %s AND counter = %s AND revoked_at IS NULL
  AND EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = accounts_device.user_id AND u.epoch = %s)
"""
_FIELDS = {field.name: field for field in Device._meta.concrete_fields}
_writes = GroupCommit()


def swap(device: Device, *, mac_key_id: str, retry_key_hash: str, network: str, idle_expires_at: datetime) -> bool:
    """Move the counter on, if the row is still as `device` (with its user) was read; False when somebody was faster."""
    current = timezone.now()
    stored_now = _stored("rotated_at", current)
    arguments = [
        mac_key_id,
        retry_key_hash,
        stored_now,
        stored_now,
        network,
        _stored("idle_expires_at", idle_expires_at),
        _stored("id", device.id),
        device.counter,
        device.user.epoch,
    ]
    if _writes.run(lambda: _execute(arguments)) != 1:
        return False
    device.counter += 1
    device.mac_key_id, device.retry_key_hash = mac_key_id, retry_key_hash
    device.rotated_at = device.last_seen_at = current
    device.last_network, device.idle_expires_at = network, idle_expires_at
    return True


def _execute(arguments: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SWAP, arguments)
        return int(cursor.rowcount)


def _stored(name: str, value: Any) -> Any:
    """As this database keeps it: SQLite has neither UUIDs nor times."""
    return _FIELDS[name].get_db_prep_save(value, connection)
