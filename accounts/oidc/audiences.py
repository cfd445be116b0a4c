"""The services that tokens are for: registered with their audience and scopes, changed, removed."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.requests import NOWHERE, Source
from accounts.core.shapes import is_one_line
from accounts.tokens import scopes as own_scopes

from . import scopes
from .models import Client, Consent, Service, ServiceScope
from .registration import require_registrar

_URI = re.compile(r"(?:https?://|urn:)[!$-;=?-\[\]_a-z~]+", re.ASCII)
_SCOPE = re.compile(r"[a-z][a-z0-9_.-]*(?::[a-z0-9_.*-]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Described:
    """`scopes`: each with the sentence that people are asked with. `client_id`: as which the service asks about tokens."""

    audience: str
    name: str
    scopes: Mapping[str, str] = field(default_factory=dict)
    client_id: str = ""

    @classmethod
    def of(cls, service: Service) -> "Described":
        """As it stands."""
        described = dict(service.scopes.values_list("name", "description"))
        return cls(service.audience, service.name, described, service.client_id or "")


def register(asked: Described, *, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> Service:
    """Raises `InvalidInput`."""
    return _save(Service(audience=asked.audience), asked, Event.SERVICE_REGISTERED, actor, source)


def update(service_id: uuid.UUID, asked: Described, *, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> Service:
    """Its audience stays: tokens that are out there name it. Raises `InvalidInput`, `Service.DoesNotExist`."""
    service = Service.objects.get(id=service_id)
    if asked.audience != service.audience:
        raise InvalidInput("audience", "fixed", "The audience stays as it is. Register another service.")
    return _save(service, asked, Event.SERVICE_UPDATED, actor, source)


def amend(
    service_id: uuid.UUID, changes: Mapping[str, Any], *, actor: uuid.UUID | None = None, source: Source = NOWHERE
) -> Service:
    """`update` with some fields of a `Described`; the others stay, whoever changes them at the same time."""
    with transaction.atomic():
        require_registrar(actor)
        service = Service.objects.select_for_update().get(id=service_id)
        return update(service_id, replace(Described.of(service), **changes), actor=actor, source=source)


def remove(service_id: uuid.UUID, *, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> None:
    """No more tokens for it. Those that are out there run out within minutes."""
    with transaction.atomic():
        require_registrar(actor)
        service = Service.objects.get(id=service_id)
        record(Event.SERVICE_REMOVED, actor=actor, source=source, audience=service.audience)
        service.delete()


def problems(asked: Described) -> list[tuple[str, str]]:
    """Fields and what is wrong with them."""
    found = []
    if len(asked.audience) > 200 or _URI.fullmatch(asked.audience) is None:
        found.append(("audience", "Use an absolute URI without a fragment (RFC 8707 §2)."))
    elif _is_our_own(asked.audience):
        found.append(("audience", "This audience is our own."))
    if not asked.name.strip() or len(asked.name) > 100 or not is_one_line(asked.name):
        found.append(("name", "Give it a name on one line."))
    if asked.client_id and not Client.objects.filter(id=asked.client_id).exclude(authentication="none").exists():
        found.append(("client", "A service asks about tokens as a client that authenticates."))
    return found + [("scopes", problem) for problem in map(_problem_with_scope, asked.scopes.items()) if problem]


def _is_our_own(audience: str) -> bool:
    """The issuer, anything below it, and the API; not another port of that host, nor a name that only begins with it."""
    return audience in {settings.PUBLIC_URL, settings.API_AUDIENCE} or audience.startswith(
        (f"{settings.PUBLIC_URL}/", f"{settings.PUBLIC_URL}?")
    )


def _problem_with_scope(described: tuple[str, str]) -> str:
    name, sentence = described
    if len(name) > 60 or _SCOPE.fullmatch(name) is None:
        return f"{name[:60]}: use lower case, as in notes:read."
    if name in {*scopes.Scope, *own_scopes.Scope}:
        return f"{name}: this name is our own."
    if not sentence.strip() or len(sentence) > 200 or not is_one_line(sentence):
        return f"{name}: say on one line what it lets a client do."
    return ""


def _save(service: Service, asked: Described, event: Event, actor: uuid.UUID | None, source: Source) -> Service:
    if found := problems(asked):
        raise InvalidInput.several(found)
    service.name, service.client_id = asked.name, asked.client_id or None
    try:
        with transaction.atomic():
            require_registrar(actor)
            service.save()
            service.scopes.exclude(name__in=asked.scopes).delete()
            for name, sentence in asked.scopes.items():
                if not service.scopes.filter(name=name).update(description=sentence):
                    ServiceScope(name=name, service=service, description=sentence).save(force_insert=True)
                    _take_back(name)
            record(event, actor=actor, source=source, audience=service.audience, scopes=sorted(asked.scopes))
    except IntegrityError:
        raise InvalidInput("audience", "taken", "Another service has this audience, client, or one of these scopes.") from None
    return service


def _take_back(name: str) -> None:
    """A name that was there before may mean something else now: no client has been given that, and nobody has agreed to it."""
    for model in (Client, Consent):
        for row in model.objects.select_for_update().filter(scopes__icontains=f'"{name}"'):
            model.objects.filter(pk=row.pk).update(scopes=[kept for kept in row.scopes if kept != name])
