"""One row for each thing that makes issued access tokens worthless; swept when the last of them has expired."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class WritingTransaction(models.Func):
    """The id of the writing transaction on PostgreSQL, where rows can become visible out of order; 0 on SQLite."""

    output_field = models.BigIntegerField()
    template = "0"
    arity = 0

    def as_postgresql(self, compiler: Any, connection: BaseDatabaseWrapper, **extra: Any) -> tuple[str, list[Any]]:
        return "(pg_current_xact_id()::text::bigint)", []


class Revocation(models.Model):
    """`not_before` is what a token must have reached: the epoch (user), the auth_time (device), or more than this iat (client);
    unused for the others."""

    class Kind(models.TextChoices):
        DEVICE = "sid", "Device ended"
        DEVICE_STALE = "sid-stale", "Device's tokens outdated by a newer proof"
        USER = "sub", "User's tokens outdated by a newer epoch"
        CLIENT = "client", "Client stopped"
        KEY = "kid", "Signing key pulled"
        KEYS = "keys", "Key ring changed"

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=64)
    not_before = models.BigIntegerField(default=0)
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix seconds.")
    written_by = models.BigIntegerField(db_default=WritingTransaction(), db_index=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
