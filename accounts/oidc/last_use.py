"""When a client was last given something, also one that acts as itself and has no sign-ins to show for it."""

from contextlib import suppress
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Q
from django.utils import timezone

from .models import Client

_INTERVAL = timedelta(minutes=5)


def note(client: Client) -> None:
    """One write in five minutes is enough, of however many workers. `client` was read for this request, and what it was given
    stands whether or not this can be written: a client that was told otherwise would show its code twice."""
    current = timezone.now()
    stale = current - _INTERVAL
    if client.last_used_at is None or client.last_used_at < stale:
        due = Client.objects.filter(Q(last_used_at=None) | Q(last_used_at__lt=stale), id=client.id)
        with suppress(DatabaseError):
            due.update(last_used_at=current)
