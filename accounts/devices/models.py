"""A device: a browser or an app in which somebody is signed in. `id` is the `sid` of its tokens."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise

from accounts.core.ids import uuid7
from accounts.core.requests import in_words

from . import platforms

FIRST_PARTY = "first-party"
"""The `client_id` of our own app and pages."""


class Device(models.Model):
    """The refresh token is computed from (id, counter) and a derived key: no token is stored, in clear or hashed."""

    class Transport(models.TextChoices):
        BEARER = "bearer", "Tokens in the app"
        COOKIE = "cookie", "Cookie in a browser"

    class Ended(models.TextChoices):
        SIGNED_OUT = "signed_out", "Signed out"
        SIGNED_OUT_ELSEWHERE = "signed_out_elsewhere", "Signed out from another device"
        SIGNED_OUT_BY_STAFF = "signed_out_by_staff", "Signed out by staff"
        PASSWORD_CHANGED = "password_changed", "Password changed"
        ACCOUNT_DISABLED = "account_disabled", "Account disabled"
        ACCOUNT_DELETED = "account_deleted", "Account deleted"
        ADDRESS_PROVEN = "address_proven", "Set up before the address was proven"
        UPSTREAM_REVOKED = "upstream_revoked", "Ended by the upstream issuer"
        NOT_ME = "not_me", "Its owner said: this was not me"
        REFRESH_TOKEN_REUSED = "refresh_token_reused", "A used refresh token came back"
        REFRESH_TOKEN_LOST = "refresh_token_lost", "Its last answer was lost for too long"
        CODE_REUSED = "code_reused", "A used authorization code came back"
        CONSENT_WITHDRAWN = "consent_withdrawn", "Consent withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    client_id = models.CharField(max_length=64, default=FIRST_PARTY, db_index=True)
    browser = models.ForeignKey(
        "self",
        null=True,
        on_delete=models.SET_NULL,
        related_name="clients",
        help_text="Of a client: the browser that it was signed in with.",
    )
    ends_with_browser = models.BooleanField(default=False, help_text="It was given no refresh token.")
    transport = models.CharField(max_length=10, choices=Transport.choices, default=Transport.BEARER)
    name = models.CharField(max_length=100, blank=True)
    platform = models.CharField(max_length=50, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    last_network = models.CharField(max_length=45, blank=True, help_text="A /24 or /56, not the address itself.")
    scope = models.TextField(blank=True)
    claims = models.JSONField(
        null=True, blank=True, help_text="Of a client: what it asked for one by one (OpenID Connect Core §5.5)."
    )
    auth_time = models.BigIntegerField(help_text="Unix seconds of the last proof.")
    acr = models.CharField(max_length=10)
    amr = models.JSONField(default=list)
    jkt = models.CharField(
        "bound to key", max_length=43, blank=True, help_text="Thumbprint of the key that its tokens are bound to (RFC 9449)."
    )

    counter = models.PositiveIntegerField(default=0, help_text="The generation of the refresh token in force.")
    mac_key_id = models.CharField(max_length=8, help_text="Which encryption key its MAC key was derived from.")
    rotated_at = models.DateTimeField(default=timezone.now)
    retry_key_hash = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the Idempotency-Key of the last rotation.")
    rescued_at_counter = models.PositiveIntegerField(default=0)
    rescue_streak = models.PositiveSmallIntegerField(
        default=0, help_text="Generations in a row whose answer was asked for again."
    )

    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    idle_expires_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    revoked_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=30, choices=Ended.choices, blank=True)

    class Meta:
        ordering = ["-last_seen_at"]

    def __str__(self) -> str:
        return self.name or str(platforms.named(self.platform)) or "Unnamed device"

    @property
    def platform_name(self) -> str | Promise:
        return platforms.named(self.platform)

    @property
    def near(self) -> str:
        """Where it was last seen, as people read addresses."""
        return in_words(self.last_network)

    @property
    def is_live(self) -> bool:
        """Neither ended nor run out."""
        return self.revoked_at is None and timezone.now() < min(self.idle_expires_at, self.expires_at)
