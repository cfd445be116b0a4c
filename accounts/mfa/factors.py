"""Which second factors somebody has set up in this room."""

import uuid
from datetime import UTC, datetime

from accounts.users.models import User

from .models import Authenticator


def has_authenticator(user_id: uuid.UUID) -> bool:
    return Authenticator.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()


def has_newer_authenticator(user_id: uuid.UUID, than: int) -> bool:
    """Whether the app was set up after that second, in Unix seconds."""
    later = datetime.fromtimestamp(than + 1, UTC)
    return Authenticator.objects.filter(user_id=user_id, confirmed_at__gte=later).exists()


def lock(user_id: uuid.UUID) -> None:
    """Their owner's row, before any row of this room, as every removal does it: nobody waits for somebody who waits for them."""
    User.objects.select_for_update().filter(id=user_id).exists()
