"""Put a message into the outbox, inside the caller's transaction."""

import json
import uuid
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.core import crypto
from accounts.core.requests import NOWHERE, Source

from .models import OutboxMessage

MAIL = "mail"
NOTICE = "notice"
CLIENT_SIGN_OUT = "client_sign_out"


class Notice(StrEnum):
    """What somebody is told about their own account; each has a folder in `templates/email/`."""

    NEW_DEVICE = "new_device"
    DEVICE_ENDED_FOR_REUSE = "device_ended_for_reuse"
    PASSWORD_CHANGED = "password_changed"
    FACTOR_ADDED = "factor_added"
    FACTOR_REMOVED = "factor_removed"
    RECOVERY_CODE_USED = "recovery_code_used"
    ADDRESS_CHANGE_REQUESTED = "address_change_requested"
    DELETION_REQUESTED = "deletion_requested"


def mail(template: str, *, to: str | None, user_id: uuid.UUID | None, language: str = "", **context: Any) -> None:
    """A mail from `templates/email/<template>/` about the account of `user_id`; the context must be JSON.

    Without an address it is put in all the same and dropped at the delivery: where nobody may learn whether an account exists,
    the time must not tell either (SECURITY E-02).
    """
    enqueue(MAIL, {"template": template, "to": to or "", "language": language, "context": context}, user_id=user_id)


def nothing() -> None:
    """A message to nobody, where no mail is due."""
    enqueue(MAIL, {"template": "", "to": "", "language": "", "context": {}})


def notice(what: Notice, user_id: uuid.UUID, *, source: Source = NOWHERE, **details: Any) -> None:
    """Tell somebody at the address and in the language that they have when it is delivered; `details` must be JSON."""
    happened = {"occurred_at": timezone.now().isoformat(), "address": source.address}
    payload = {"what": what.value, "user_id": str(user_id), "details": {**happened, **details}}
    enqueue(NOTICE, payload, user_id=user_id)


def client_sign_out(client_id: str, device_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Tell a client of the OpenID provider that one of its sign-ins is over, if it wants to know."""
    payload = {"client_id": client_id, "device_id": str(device_id), "user_id": str(user_id)}
    enqueue(CLIENT_SIGN_OUT, payload, user_id=user_id, recipient=client_id)


def enqueue(kind: str, payload: dict[str, Any], *, user_id: uuid.UUID | None = None, recipient: str = "") -> None:
    """`user_id`: whoever is erased takes their messages along (SECURITY L-12). `recipient`: whose server is called for it."""
    message = OutboxMessage(kind=kind, user_id=user_id, recipient=recipient)
    message.payload_encrypted = crypto.encrypt(json.dumps(payload).encode(), context=context_of(message))
    message.save(force_insert=True)


def rewrap() -> int:
    """Encrypt every waiting payload with the first of `ENCRYPTION_KEYS`; answers how many. Given up ones stay as they are."""
    return sum(_rewrapped(message) for message in OutboxMessage.objects.filter(failed_at=None))


def _rewrapped(message: OutboxMessage) -> int:
    context = context_of(message)
    fresh = crypto.encrypt(crypto.decrypt(message.payload_encrypted, context=context), context=context)
    return OutboxMessage.objects.filter(id=message.id).update(payload_encrypted=fresh)


def unopenable() -> QuerySet[OutboxMessage]:
    """Waiting messages whose payload was made with none of `ENCRYPTION_KEYS`."""
    return OutboxMessage.objects.filter(crypto.unopenable("payload_encrypted"), failed_at=None)


def give_up() -> int:
    """Nobody will read them: their key is lost. Answers how many."""
    return unopenable().update(failed_at=timezone.now(), last_error=crypto.CannotDecrypt.__name__)


def context_of(message: OutboxMessage) -> str:
    """What the payload's encryption is bound to."""
    return f"outbox/{message.kind}/{message.id}"
