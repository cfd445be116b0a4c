"""Six-digit codes by mail: one live code for each purpose and address."""

import uuid

from django.db import models
from django.utils import timezone


class MailedCode(models.Model):
    """Asking again replaces the row. `key` holds a keyed hash of the address, `code_mac` one of the code: neither is in clear."""

    key = models.CharField(max_length=120, primary_key=True, help_text="purpose:fingerprint of the address")
    challenge = models.UUIDField(unique=True, default=uuid.uuid4)
    code_mac = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    user_id = models.UUIDField(null=True, help_text="Empty when the address belongs to nobody.")
    epoch = models.PositiveBigIntegerField(default=0, help_text="The user's when it was asked for: a change outdates the code.")
    context = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix seconds.")

    def __str__(self) -> str:
        return self.key.partition(":")[0]


class UndoneEmailChange(models.Model):
    """An address change that was taken back. Undo links that were mailed in between belong to whoever made the change."""

    user_id = models.UUIDField(primary_key=True)
    since_epoch = models.PositiveBigIntegerField(help_text="The account's when the link that was used was mailed.")
    until_epoch = models.PositiveBigIntegerField(help_text="The account's when it was used.")

    def __str__(self) -> str:
        return str(self.user_id)
