"""A message that waits for delivery. Its payload is encrypted: it may hold an address or a link."""

from django.db import models
from django.utils import timezone

from accounts.core.ids import uuid7


class OutboxMessage(models.Model):
    """Deleted once delivered; kept with `failed_at` for some days when it was given up."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=40)
    payload_encrypted = models.TextField()
    recipient = models.CharField(
        max_length=64, blank=True, help_text="Whose server will be called: the id of a client. Empty for mail."
    )
    user_id = models.UUIDField(null=True, db_index=True, help_text="Whose account it is about; empty when it is nobody's.")
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now, help_text="Not before; also the end of a worker's claim.")
    failed_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="outbox_due", condition=models.Q(failed_at=None))]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
