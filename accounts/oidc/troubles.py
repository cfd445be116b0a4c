"""What goes wrong at a client, in words that its developers can act on: for staff to read in the admin, never for the browser.

Anybody can cause it at any rate, so it is written down once an hour for each client and kind (SECURITY S-03).
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core import gates
from accounts.core.requests import Source

from .errors import AuthorizationPending, OAuthProblem, SlowDown
from .models import Client
from .parameters import Parameters

_WINDOW = 3600
"""Seconds."""
_LONGEST = 200
_DIFFERENCES: dict[str, Callable[[str], str]] = {
    "the trailing slash": lambda uri: uri.rstrip("/"),
    "upper and lower case": str.lower,
    "the scheme": lambda uri: uri.partition("://")[2],
    "the query": lambda uri: uri.partition("?")[0],
    "the port": lambda uri: (
        uri.partition("://")[2].partition("/")[0].partition(":")[0] + uri.partition("://")[2].partition("/")[2]
    ),
}


def note(client_id: str, refusal: OAuthProblem, parameters: Parameters, *, source: Source) -> None:
    """Nothing for a client that does not exist, and for a device that only has to wait."""
    client = Client.objects.filter(id=client_id).first()
    if client is None or isinstance(refusal, AuthorizationPending | SlowDown):
        return
    with transaction.atomic():
        if gates.first_in_window("client-refused", f"{client.id}/{refusal.code}/{refusal.reason}", seconds=_WINDOW):
            about = _in_words(refusal, client, parameters)
            record(Event.CLIENT_REFUSED, source=source, succeeded=False, client=client.id, client_name=client.name, what=about)


def of_last_day(client: Client) -> list[str]:
    """The newest first."""
    since = timezone.now() - timedelta(days=1)
    events = AuditEvent.objects.filter(event=Event.CLIENT_REFUSED, occurred_at__gte=since, details__client=client.id)
    return [f"{event.occurred_at:%H:%M} UTC: {event.details['what']}" for event in events[:20]]


def _in_words(refusal: OAuthProblem, client: Client, parameters: Parameters) -> str:
    if refusal.reason == "redirect_uri":
        return difference(parameters.get("redirect_uri", ""), client.redirect_uris)
    return f"{refusal.code} ({refusal.reason})" if refusal.reason else refusal.code


def difference(asked: str, registered: Iterable[str]) -> str:
    """How a redirect URI that does not match misses the nearest that is registered."""
    if not asked:
        return "redirect_uri is missing"
    got = f"got {asked[:_LONGEST]}"
    for what, without in _DIFFERENCES.items():
        for known in registered:
            if without(asked) == without(known):
                return f"redirect_uri differs in {what}: registered {known}, {got}"
    return f"redirect_uri is not registered: {got}"
