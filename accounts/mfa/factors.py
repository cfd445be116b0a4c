"""Which second factors somebody has set up in this room."""

import uuid

from .models import Authenticator


def has_authenticator(user_id: uuid.UUID) -> bool:
    return Authenticator.objects.filter(user_id=user_id, confirmed_at__isnull=False).exists()
