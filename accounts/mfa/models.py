"""An authenticator app and its recovery codes. Neither a secret nor a code is kept in clear."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Authenticator(models.Model):
    """One TOTP secret (RFC 6238) per person; until `confirmed_at` is set it proves nothing."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="authenticator"
    )
    secret_encrypted = models.TextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0, help_text="The newest time step that was accepted: none is accepted twice.")
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return "Authenticator app"


class RecoveryCode(models.Model):
    """One of ten; its first characters name the row, so that a try costs one hash."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    row = models.PositiveSmallIntegerField()
    code_hash = models.CharField(max_length=128)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "row"], name="recovery_code_row")]

    def __str__(self) -> str:
        return f"Recovery code {self.row + 1}"
