"""Clients are registered, changed, given new secrets, and stopped."""

import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidInput
from accounts.core.reading import Reading
from accounts.core.requests import NOWHERE, Source
from accounts.core.sweep import delete as sweep_rows
from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.revocations import publish

from .models import Client, ClientSecret
from .registration import Registration, require_registrar, require_sound

_CLIENTS = Reading(Client, by="id is_active")
_ID = re.compile(r"[\w-]{1,64}", re.ASCII)
OVERLAP = timedelta(days=7)
"""How long the secret before goes on to open, unless somebody says otherwise."""


def register(asked: Registration, *, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> tuple[Client, str]:
    """The client, and its secret, which is told this once; empty for one that has none. Raises `InvalidInput`."""
    require_sound(asked)
    _ensure_key(asked.id_token_algorithm)
    with _unique_name(), transaction.atomic():
        require_registrar(actor)
        client = Client.objects.create(**asked.columns())
        secret = _new_secret(client) if client.has_secret else ""
        _record(Event.CLIENT_REGISTERED, client, actor, source, requires_pkce=client.requires_pkce)
    return client, secret


def update(client_id: str, asked: Registration, *, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> list[str]:
    """The names of what changed. What the new way to authenticate does not use is gone. Raises `InvalidInput`, `DoesNotExist`."""
    require_sound(asked)
    _ensure_key(asked.id_token_algorithm)
    with _unique_name(), transaction.atomic():
        require_registrar(actor)
        client = Client.objects.select_for_update().get(id=client_id)
        columns = asked.columns()
        changed = sorted(name for name, value in columns.items() if getattr(client, name) != value)
        Client.objects.filter(id=client_id).update(**columns)
        client.refresh_from_db()
        if not client.has_secret:
            client.secrets.all().delete()
        if changed:
            _record(Event.CLIENT_UPDATED, client, actor, source, changed=changed, requires_pkce=client.requires_pkce)
    return changed


def amend(
    client_id: str,
    changes: Mapping[str, Any],
    *,
    completed: Callable[[Registration], Registration] = lambda asked: asked,
    actor: uuid.UUID | None = None,
    source: Source = NOWHERE,
) -> list[str]:
    """`update` with some fields of a `Registration`; the others stay, whoever changes them at the same time.

    `completed` makes of the whole, as it would then be, what is to be: for fields that follow from others.
    """
    if "id_token_algorithm" in changes:
        _ensure_key(changes["id_token_algorithm"])
    with transaction.atomic():
        require_registrar(actor)
        client = Client.objects.select_for_update().get(id=client_id)
        asked = completed(replace(Registration.of(client), **changes))
        return update(client_id, asked, actor=actor, source=source)


def rotate_secret(
    client_id: str, *, overlap: timedelta = OVERLAP, actor: uuid.UUID | None = None, source: Source = NOWHERE
) -> str:
    """A new secret, told this once. The one before opens for `overlap`, any older one no more. Raises `InvalidInput`."""
    with transaction.atomic():
        require_registrar(actor)
        client = Client.objects.select_for_update().get(id=client_id)
        if not client.has_secret:
            raise InvalidInput("authentication", "no_secret", "This client does not authenticate with a secret.")
        client.secrets.exclude(id__in=client.secrets.values("id")[:1]).delete()
        client.secrets.update(expires_at=timezone.now() + overlap)
        secret = _new_secret(client)
        _record(Event.CLIENT_SECRET_ROTATED, client, actor, source, overlap_seconds=int(overlap.total_seconds()))
    return secret


def switch(client_id: str, *, on: bool, actor: uuid.UUID | None = None, source: Source = NOWHERE) -> bool:
    """Stop a client or let it go on; False when it was so already. What it holds is refused within a second of its stop."""
    with transaction.atomic():
        require_registrar(actor)
        if not Client.objects.filter(id=client_id, is_active=not on).update(is_active=on):
            return False
        if not on:
            publish.client_stopped(client_id)
        client = Client.objects.get(id=client_id)
        _record(Event.CLIENT_STARTED if on else Event.CLIENT_STOPPED, client, actor, source)
    return True


def find(client_id: str) -> Client | None:
    """One that may act now."""
    return _CLIENTS.first(client_id, True) if is_id(client_id) else None


def is_id(text: str) -> bool:
    """Whether it could be one. Nothing else may reach a database, which would choke on some of it."""
    return _ID.fullmatch(text) is not None


def has_secret(client: Client, shown: str) -> bool:
    """Compared in constant time with each that is in force (SECURITY O-41)."""
    digest = _digest(shown)
    return any([hmac.compare_digest(digest, kept.digest) for kept in secrets_in_force(client)])  # noqa: C419 - each is compared


def secrets_in_force(client: Client) -> QuerySet[ClientSecret]:
    """The newest first."""
    return in_force().filter(client=client)


def in_force() -> QuerySet[ClientSecret]:
    """Of all clients."""
    return ClientSecret.objects.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now()))


def sweep() -> int:
    """Secrets whose overlap is over; answers how many went."""
    return sweep_rows(ClientSecret.objects.filter(expires_at__lt=timezone.now()))


def _new_secret(client: Client) -> str:
    secret = secrets.token_urlsafe(32)
    ClientSecret.objects.create(client=client, digest=_digest(secret))
    return secret


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _ensure_key(algorithm: str) -> None:
    """The first client that wants an algorithm makes its keys. Beforehand: making one takes longer than a writer may hold the
    database."""
    rotation.ensure(algorithm, SigningKey.for_id_tokens(algorithm))


def _record(event: Event, client: Client, actor: uuid.UUID | None, source: Source, **details: Any) -> None:
    record(event, actor=actor, source=source, client=client.id, client_name=client.name, **details)


@contextmanager
def _unique_name() -> Iterator[None]:
    """Raises `InvalidInput` where the name is taken."""
    try:
        yield
    except IntegrityError:
        raise InvalidInput("name", "taken", "Another client has this name.") from None
