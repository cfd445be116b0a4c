"""What a client's page shows below its registration: what was refused, who has let it in, who is signed in."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.devices.models import Device
from accounts.oidc import consents, troubles
from accounts.oidc.models import Client, Consent

from . import cells

_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Section:
    """`rows` are the newest of `count`. Without `rows` the section is a figure alone."""

    count: int
    rows: list[dict[str, Any]]


def of(client: Client, *, names_people: bool) -> dict[str, Section]:
    """By the name of their place on the page. `names_people`: whether the viewing staff may see who people are."""
    refused, given, live = troubles.of_last_day(client), consents.to(client), _live(client)
    return {
        "refused": Section(len(refused), [{"when": cells.ago(one.occurred_at), "what": one.details["what"]} for one in refused]),
        "consents": Section(given.count(), [_agreed(consent) for consent in given[:_SHOWN]] if names_people else []),
        "signed_in": Section(
            live.values("user_id").distinct().count(), [_there(device) for device in live[:_SHOWN]] if names_people else []
        ),
    }


def _live(client: Client) -> QuerySet[Device]:
    """Those seen last come first, whether their owners had to say yes or not."""
    current = timezone.now()
    live = Device.objects.filter(client_id=client.id, revoked_at=None, idle_expires_at__gt=current, expires_at__gt=current)
    return live.select_related("user").order_by("-last_seen_at")


def _agreed(consent: Consent) -> dict[str, Any]:
    return {
        "person": cells.person(consent.user_id, str(consent.user)),
        "words": consents.in_plain_words(consent),
        "names": [*consent.scopes, *consent.claims],
        "since": consent.given_at,
    }


def _there(device: Device) -> dict[str, Any]:
    return {"person": cells.person(device.user_id, str(device.user)), "seen": cells.ago(device.last_seen_at)}
