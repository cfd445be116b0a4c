"""What goes wrong at a client, in words that its developers can act on: for staff to read in the admin, never for the browser.

Anybody can cause it at any rate. So each sentence is written down once an hour, and of those that quote an address so many an
hour for each client: whoever makes addresses up costs no row beyond that, and hides no other sentence (SECURITY S-03).
"""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core import gates
from accounts.core.clock import now
from accounts.core.errors import Problem, TooManyAttempts, UseDpopNonce
from accounts.core.limits import Limit, take
from accounts.core.requests import Source

from . import clients, trouble_words
from .errors import AuthorizationPending, SlowDown
from .models import Client
from .parameters import Parameters

_HOUR = 3600
"""Seconds."""
MOST = 20
"""Different sentences of one client in an hour that quote an address."""
_LINES = Limit("client-refused", free=MOST, first_wait=_HOUR, longest_wait=_HOUR, memory=_HOUR)


def note(client_id: str, refusal: Problem, parameters: Parameters, *, source: Source) -> None:
    """Nothing for a client that does not exist, for a device that only has to wait, and for a proof that only lacks the nonce."""
    if isinstance(refusal, AuthorizationPending | SlowDown | UseDpopNonce) or not clients.is_id(client_id):
        return
    if (client := Client.objects.filter(id=client_id).first()) is None:
        return
    about, hour = trouble_words.told(refusal, client, parameters), now() // _HOUR
    line = f"{client.id}/{hour}/{about}"
    if gates.is_consumed("client-refused", line):
        return
    with suppress(TooManyAttempts), transaction.atomic():
        if gates.consume("client-refused", line, expires_at=(hour + 1) * _HOUR):
            if trouble_words.GOT in about:
                take(_LINES, f"{client.id}/{hour}")
            record(Event.CLIENT_REFUSED, source=source, succeeded=False, client=client.id, client_name=client.name, what=about)


def of_last_day(client: Client) -> list[AuditEvent]:
    """Each sentence once, as it came last; the newest first."""
    since = timezone.now() - timedelta(days=1)
    events = AuditEvent.objects.filter(event=Event.CLIENT_REFUSED, occurred_at__gte=since, details__client=client.id)
    newest: dict[str, AuditEvent] = {}
    for event in events:
        newest.setdefault(event.details["what"], event)
    return list(newest.values())
