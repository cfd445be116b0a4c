"""Put a message into the outbox, inside the caller's transaction."""

import json
from typing import Any

from accounts.core import crypto

from .models import OutboxMessage

MAIL = "mail"


def mail(template: str, *, to: str, **context: Any) -> None:
    """A mail from `templates/email/<template>/`; the context must be JSON."""
    enqueue(MAIL, {"template": template, "to": to, "context": context})


def enqueue(kind: str, payload: dict[str, Any]) -> None:
    message = OutboxMessage(kind=kind)
    message.payload_encrypted = crypto.encrypt(json.dumps(payload).encode(), context=context_of(message))
    message.save(force_insert=True)


def rewrap() -> int:
    """Encrypt every waiting payload with the first of `ENCRYPTION_KEYS`; answers how many. Given up ones stay as they are."""
    return sum(_rewrapped(message) for message in OutboxMessage.objects.filter(failed_at=None))


def _rewrapped(message: OutboxMessage) -> int:
    context = context_of(message)
    fresh = crypto.encrypt(crypto.decrypt(message.payload_encrypted, context=context), context=context)
    return OutboxMessage.objects.filter(id=message.id).update(payload_encrypted=fresh)


def context_of(message: OutboxMessage) -> str:
    """What the payload's encryption is bound to."""
    return f"outbox/{message.kind}/{message.id}"
