"""What a client's page shows below its registration: what was refused, who has let it in, who is signed in."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from accounts.devices.models import Device
from accounts.oidc import consents, troubles
from accounts.oidc.models import Client, Consent
from accounts.users.models import User

from . import cells

_SHOWN = 10
_SHOWN_REFUSED = 2 * troubles.MOST


@dataclass(frozen=True, slots=True)
class Section:
    """`rows` are the newest of `count`. Without `rows` the section is a figure alone."""

    count: int
    rows: list[dict[str, Any]]


def of(client: Client, *, names_people: bool) -> dict[str, Section]:
    """By the name of their place on the page. `names_people`: whether the viewing staff may see who people are."""
    refused, given, there = troubles.of_last_day(client), consents.to(client), _there(client)
    newest = [{"when": cells.ago(one.occurred_at), "what": one.details["what"]} for one in refused[:_SHOWN_REFUSED]]
    shown = _SHOWN if names_people else 0
    return {
        "refused": Section(len(refused), newest),
        "consents": Section(given.count(), [_agreed(consent) for consent in given[:shown]]),
        "signed_in": Section(there.count(), _named(there[:shown])),
    }


def _there(client: Client) -> QuerySet[Any, Any]:
    """Everybody once, who was seen last before the others, whether they had to say yes or not."""
    current = timezone.now()
    live = Device.objects.filter(client_id=client.id, revoked_at=None, idle_expires_at__gt=current, expires_at__gt=current)
    return live.order_by().values("user_id").annotate(seen=Max("last_seen_at")).order_by("-seen")


def _agreed(consent: Consent) -> dict[str, Any]:
    return {
        "person": cells.person(consent.user_id, str(consent.user)),
        "words": consents.in_plain_words(consent),
        "names": [*consent.scopes, *consent.claims],
        "since": consent.given_at,
    }


def _named(there: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    people = User.objects.in_bulk([one["user_id"] for one in there])
    return [
        {"person": cells.person(one["user_id"], str(people[one["user_id"]])), "seen": cells.ago(one["seen"])}
        for one in there
        if one["user_id"] in people
    ]
