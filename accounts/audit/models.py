"""One row for each thing worth knowing later. Ids instead of foreign keys: an event outlives what it speaks of."""

from typing import Any

from django.db import models
from django.utils import timezone

from accounts.core.ids import uuid7


class AuditEvent(models.Model):
    """Append-only: a row is written once and never changed."""

    class Outcome(models.TextChoices):
        SUCCESS = "success"
        FAILURE = "failure"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    occurred_at = models.DateTimeField(default=timezone.now, db_index=True)
    event = models.CharField(max_length=40)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    actor_id = models.UUIDField(null=True, db_index=True, help_text="Who did it; empty when nobody was signed in.")
    subject_id = models.UUIDField(null=True, db_index=True, help_text="Whose account it concerns.")
    device_id = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.event} at {self.occurred_at:%Y-%m-%d %H:%M:%S}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("Audit events are append-only.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit events are append-only.")
