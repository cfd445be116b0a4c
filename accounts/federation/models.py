"""Who somebody is at an upstream issuer: (issuer, subject), never an address."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.core.ids import uuid7


class FederatedIdentity(models.Model):
    """`email` is what the issuer said when it was linked; it is shown, never compared."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="identities")
    provider = models.CharField(max_length=50, help_text="Its name in FEDERATED_PROVIDERS.")
    issuer = models.CharField(max_length=255)
    subject = models.CharField(max_length=255)
    email = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["created_at"]
        verbose_name_plural = "federated identities"
        constraints = [models.UniqueConstraint(fields=["issuer", "subject"], name="federated_identity_of_one_account")]

    def __str__(self) -> str:
        return self.provider
