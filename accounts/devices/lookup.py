"""The one read of a refresh, and of whoever shows a token: a device together with its user."""

import uuid

from accounts.core.reading import Reading

from .models import Device

_DEVICES = Reading(
    Device,
    "id user_id client_id transport scope claims auth_time acr amr jkt counter mac_key_id rotated_at retry_key_hash "
    "rescued_at_counter rescue_streak created_at idle_expires_at expires_at revoked_at ended_because",
    by="id",
    user="id email name language is_active is_staff is_superuser email_verified_at epoch deletion_due_at",
)


def with_user(device_id: uuid.UUID) -> Device | None:
    """What a refresh does not need is deferred."""
    return _DEVICES.first(device_id)
