"""Time passes for signing keys: they go by the database's clock, which no test can move."""

from datetime import timedelta

from django.db.models import F

from accounts.keys import rotation
from accounts.keys.models import SigningKey

_STAMPS = ("published_at", "activated_at", "retired_at")


def age(span: timedelta) -> None:
    """Everything that happened to a key happened so much longer ago."""
    SigningKey.objects.update(**{name: F(name) - span for name in _STAMPS})


def ripen() -> None:
    """The next keys have been published for long enough."""
    age(rotation.publication_lead())
