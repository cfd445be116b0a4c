"""What goes wrong at a client, in words that its developers can act on: for staff to read in the admin, never for the browser.

Anybody can cause it at any rate, so it is written down once an hour for each client and kind (SECURITY S-03).
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core import gates
from accounts.core.requests import Source

from . import clients, trouble_words
from .errors import AuthorizationPending, OAuthProblem, SlowDown
from .models import Client
from .parameters import Parameters

_WINDOW = 3600
"""Seconds."""


def note(client_id: str, refusal: OAuthProblem, parameters: Parameters, *, source: Source) -> None:
    """Nothing for a client that does not exist, and for a device that only has to wait."""
    client = Client.objects.filter(id=client_id).first() if clients.is_id(client_id) else None
    if client is None or isinstance(refusal, AuthorizationPending | SlowDown):
        return
    with transaction.atomic():
        if gates.first_in_window("client-refused", f"{client.id}/{refusal.code}/{refusal.reason}", seconds=_WINDOW):
            about = trouble_words.told(refusal, client, parameters)
            record(Event.CLIENT_REFUSED, source=source, succeeded=False, client=client.id, client_name=client.name, what=about)


def of_last_day(client: Client) -> list[str]:
    """The newest first."""
    since = timezone.now() - timedelta(days=1)
    events = AuditEvent.objects.filter(event=Event.CLIENT_REFUSED, occurred_at__gte=since, details__client=client.id)
    return [f"{event.occurred_at:%H:%M} UTC: {event.details['what']}" for event in events[:20]]
