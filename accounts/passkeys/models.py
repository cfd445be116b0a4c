"""A passkey: the public half of a WebAuthn credential, and what its authenticator said about it."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.core.ids import uuid7


class Passkey(models.Model):
    """`credential_id` is base64url without padding, unique across all people (SECURITY P-15)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="passkeys")
    credential_id = models.CharField(max_length=1400, unique=True)
    public_key = models.BinaryField(help_text="COSE key (RFC 9052 §7).")
    sign_count = models.PositiveBigIntegerField(default=0)
    aaguid = models.UUIDField(help_text="The model of the authenticator; zeros when it does not say.")
    name = models.CharField(max_length=100, blank=True)
    transports = models.JSONField(default=list)
    backup_eligible = models.BooleanField(help_text="May be synced to other devices; never changes.")
    backed_up = models.BooleanField()
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name or "Passkey"
