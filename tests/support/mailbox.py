"""Everybody's mailbox as the tests read it: what waits in the outbox, opened."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from accounts.core import crypto
from accounts.outbox import enqueue
from accounts.outbox.models import OutboxMessage


@dataclass(frozen=True)
class Letter:
    """A mail before it is rendered."""

    template: str
    context: dict[str, Any] = field(default_factory=dict)

    @property
    def code(self) -> str:
        return str(self.context["code"])

    @property
    def token(self) -> str:
        """Of the link beside the code."""
        return str(self.context["url"]).partition("token=")[2]


def letters(to: str) -> list[Letter]:
    """What waits for this address, oldest first; without notices, which find their address later."""
    return [Letter(found["template"], found["context"]) for found in _payloads() if found.get("to") == to]


def last_letter(to: str) -> Letter:
    return letters(to)[-1]


def notices(what: str) -> list[dict[str, Any]]:
    return [found for found in _payloads() if found.get("what") == what]


@contextmanager
def read_at_once() -> Iterator[None]:
    """What arrives meanwhile has been read when the test begins to look."""
    before = set(OutboxMessage.objects.values_list("id", flat=True))
    yield
    OutboxMessage.objects.exclude(id__in=before).delete()


def _payloads() -> list[dict[str, Any]]:
    return [
        json.loads(crypto.decrypt(message.payload_encrypted, context=enqueue.context_of(message)))
        for message in OutboxMessage.objects.order_by("id")
    ]
