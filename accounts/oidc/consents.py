"""What people agreed to: remembered for each client and its scopes, asked for where tokens are made, withdrawn by the person."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.reading import Reading
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.users.models import User

from . import claims, scopes
from .errors import InvalidGrant
from .models import Client, Consent

_CONSENTS = Reading(Consent, "id user_id client_id scopes claims", by="user_id client_id")


def covers(user_id: uuid.UUID, client: Client, scopes: Iterable[str], single: Iterable[str] = ()) -> bool:
    """Whether this much was agreed to, or need not be. `single`: claims that were asked for one by one."""
    if not client.asks_consent:
        return True
    consent = _CONSENTS.first(user_id, client.id)
    if consent is None:
        return False
    return set(scopes) <= set(consent.scopes) and set(single) <= {*consent.claims, *claims.under(consent.scopes)}


def require(user_id: uuid.UUID, client: Client, scopes: Iterable[str], single: Iterable[str] = ()) -> None:
    """At every door that makes tokens about somebody (SECURITY O-36). Raises `InvalidGrant`."""
    if not covers(user_id, client, scopes, single):
        raise InvalidGrant("no consent")


def give(device: Device, client: Client, scopes: Iterable[str], single: Iterable[str] = (), *, source: Source) -> None:
    """By the owner of the device, on it: to these, and to what was agreed to before."""
    user_id = device.user_id
    with transaction.atomic():
        # Whoever says yes twice at once waits here for their first yes.
        User.objects.select_for_update().get(id=user_id)
        consent = Consent.objects.filter(user_id=user_id, client=client).first() or Consent(user_id=user_id, client=client)
        consent.scopes = sorted({*consent.scopes, *scopes})
        consent.claims = sorted({*consent.claims, *single} - claims.under(consent.scopes))
        consent.save()
        _record(Event.CONSENT_GIVEN, consent, device.id, source, scopes=consent.scopes, claims=consent.claims)


def withdraw(user_id: uuid.UUID, consent_id: uuid.UUID, *, device_id: uuid.UUID, source: Source) -> None:
    """The client is asked for again next time, and what it holds ends. Nothing happens to somebody else's."""
    with transaction.atomic():
        # As a sign-in of the client does, which would not be seen while it is under way.
        User.objects.select_for_update().get(id=user_id)
        consent = Consent.objects.select_related("client").filter(id=consent_id, user_id=user_id).first()
        if consent is None:
            return
        held = Device.objects.filter(user_id=user_id, client_id=consent.client_id)
        registry.end(held, Device.Ended.CONSENT_WITHDRAWN, actor=user_id, source=source)
        _record(Event.CONSENT_WITHDRAWN, consent, device_id, source)
        consent.delete()


def in_plain_words(consent: Consent) -> list[str]:
    """What was agreed to."""
    return [*scopes.in_plain_words(consent.scopes), *claims.in_plain_words(consent.claims)]


def of(user_id: uuid.UUID) -> QuerySet[Consent]:
    """The newest first."""
    return Consent.objects.filter(user_id=user_id).select_related("client")


def to(client: Client) -> QuerySet[Consent]:
    """The newest first, with who agreed."""
    return Consent.objects.filter(client=client).select_related("user")


def _record(event: Event, consent: Consent, device_id: uuid.UUID, source: Source, **details: Any) -> None:
    user_id, client = consent.user_id, consent.client
    record(
        event,
        subject=user_id,
        actor=user_id,
        device=device_id,
        source=source,
        client=client.id,
        client_name=client.name,
        **details,
    )
