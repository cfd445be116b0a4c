"""How long messages are kept that could not be delivered: addresses, names and links are in them (SECURITY L-12)."""

import uuid
from datetime import timedelta

from django.utils import timezone

from accounts.core.sweep import delete as sweep_rows

from .models import OutboxMessage

KEPT_WHEN_GIVEN_UP = timedelta(days=7)
"""Long enough to be seen and looked into."""


def sweep() -> int:
    """Answers how many went."""
    return sweep_rows(OutboxMessage.objects.filter(failed_at__lt=timezone.now() - KEPT_WHEN_GIVEN_UP))


def forget_person(user_id: uuid.UUID) -> None:
    """Whatever waits or was given up, to whichever address of theirs."""
    OutboxMessage.objects.filter(user_id=user_id).delete()
