"""Two small tables that any process may write at any time: counters and gates."""

from django.db import models


class Counter(models.Model):
    """Attempts under one key; changed only by one atomic upsert (`core.limits`)."""

    key = models.CharField(max_length=120, primary_key=True)
    attempts = models.PositiveIntegerField()
    blocked_until = models.BigIntegerField(help_text="Unix milliseconds.")
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix milliseconds.")

    class Meta:
        db_table = "accounts_counter"


class Gate(models.Model):
    """Something that may happen once and has happened; written only by `core.gates`."""

    key = models.CharField(max_length=100, primary_key=True)
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix seconds.")

    class Meta:
        db_table = "accounts_gate"
