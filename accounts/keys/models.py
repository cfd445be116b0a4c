"""A signing key and its life: next → active → retired → gone."""

from django.db import models
from django.db.models import Q
from django.utils import timezone


class SigningKey(models.Model):
    """`kid` is the RFC 7638 thumbprint. The private half is encrypted, bound to kid and purpose, and erased when its last token
    has run out."""

    class Algorithm(models.TextChoices):
        ES256 = "ES256"
        RS256 = "RS256", "RS256 (3072 bit)"
        ED25519 = "Ed25519"

    class Purpose(models.TextChoices):
        """In each of them one algorithm signs at a time; clients that want ID tokens of several have them side by side."""

        ACCESS = "access", "Access tokens"
        ID_RS256 = "id-RS256", "ID tokens by RS256"
        ID_ES256 = "id-ES256", "ID tokens by ES256"
        ID_ED25519 = "id-Ed25519", "ID tokens by Ed25519"

    class State(models.TextChoices):
        NEXT = "next", "Next: published, not yet used"
        ACTIVE = "active", "Active: signs"
        RETIRED = "retired", "Retired: verifies what it signed"
        GONE = "gone", "Gone: trusted no more"

    kid = models.CharField(max_length=64, primary_key=True)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.ACCESS)
    algorithm = models.CharField(max_length=10, choices=Algorithm.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    public_jwk = models.JSONField()
    private_key_encrypted = models.TextField(blank=True)
    published_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    gone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-published_at"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "algorithm"], condition=Q(state="active"), name="one_active_key"),
            models.UniqueConstraint(fields=["purpose", "algorithm"], condition=Q(state="next"), name="one_next_key"),
        ]

    def __str__(self) -> str:
        return f"{self.kid[:8]}… ({self.algorithm}, {self.state})"

    @property
    def is_published(self) -> bool:
        """Until the last token that it signed has run out, and its private half is erased."""
        return bool(self.private_key_encrypted) or self.state != self.State.RETIRED

    @staticmethod
    def for_id_tokens(algorithm: str) -> str:
        """The purpose of the keys that sign ID tokens by this algorithm."""
        return SigningKey.Purpose(f"id-{algorithm}").value

    def __repr__(self) -> str:
        return f"<SigningKey {self.kid} {self.algorithm} {self.state}>"
