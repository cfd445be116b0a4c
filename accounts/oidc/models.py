"""Clients (RFC 6749 §2) and services; what people agreed to; requests and codes on their way."""

import secrets
from string import ascii_lowercase

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.core.ids import uuid7
from accounts.core.requests import in_words


def new_client_id() -> str:
    """Made by us and never a UUID, so that no client can be taken for a person (SECURITY O-31, RFC 9700 §4.15).

    Letters alone: the admin reads an underscore before two digits as an escaped sign.
    """
    return "c_" + "".join(secrets.choice(ascii_lowercase) for _ in range(28))


def new_handle() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


class Client(models.Model):
    """A relying party. What it may do is listed; what is not listed is denied."""

    class Authentication(models.TextChoices):
        NONE = "none", "None: an app or a script in the hands of people"
        BASIC = "client_secret_basic", "Secret, in the header"
        POST = "client_secret_post", "Secret, in the form"
        PRIVATE_KEY = "private_key_jwt", "Signed with its own key"

    class Grant(models.TextChoices):
        AUTHORIZATION_CODE = "authorization_code", "Sign people in"
        REFRESH_TOKEN = "refresh_token", "Keep people signed in (offline_access)"
        CLIENT_CREDENTIALS = "client_credentials", "Act as itself"
        DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code", "Sign people in on a device without a browser"
        TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange", "As a service, go on to another one for somebody"

    class Algorithm(models.TextChoices):
        RS256 = "RS256", "RS256"
        ES256 = "ES256", "ES256"
        ED25519 = "Ed25519", "Ed25519"

    id = models.CharField(primary_key=True, max_length=40, default=new_client_id, editable=False)
    name = models.CharField(max_length=100, unique=True, help_text="People read it when they are asked.")
    authentication = models.CharField(max_length=20, choices=Authentication.choices, default=Authentication.BASIC)
    redirect_uris = models.JSONField(default=list, blank=True)
    post_logout_redirect_uris = models.JSONField(default=list, blank=True)
    backchannel_logout_uri = models.CharField(max_length=500, blank=True)
    grants = models.JSONField(default=list, blank=True)
    scopes = models.JSONField(default=list, blank=True)
    jwks = models.JSONField(null=True, blank=True, help_text="Its public keys, for private_key_jwt.")
    id_token_algorithm = models.CharField(max_length=10, choices=Algorithm.choices, default=Algorithm.RS256)
    requires_pkce = models.BooleanField(default=True)
    requires_par = models.BooleanField(default=False)
    dpop_bound_access_tokens = models.BooleanField(default=False, help_text="RFC 9449 §5.2.")
    asks_consent = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    last_used_at = models.DateTimeField(null=True, editable=False, help_text="Within five minutes.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_public(self) -> bool:
        """It can keep no secret (RFC 6749 §2.1)."""
        return self.authentication == self.Authentication.NONE

    @property
    def has_secret(self) -> bool:
        return self.authentication in {self.Authentication.BASIC, self.Authentication.POST}


class ClientSecret(models.Model):
    """256 random bits, kept as their SHA-256 (SECURITY O-10). Two may overlap while a client changes over."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="secrets")
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, help_text="Empty for the newest.")

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"Secret of {self.client_id}"


class Service(models.Model):
    """A resource server: tokens for it name its audience, and carry its scopes alone (RFC 9068, RFC 8707)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    audience = models.CharField(max_length=200, unique=True, help_text="An absolute URI.")
    name = models.CharField(max_length=100)
    client = models.OneToOneField(
        Client,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="service",
        help_text="As which it asks about tokens (RFC 7662).",
    )
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ServiceScope(models.Model):
    """What a token may allow at a service. Its name belongs to one service, so that a scope says where it counts."""

    name = models.CharField(max_length=60, primary_key=True)
    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="scopes")
    description = models.CharField(max_length=200, help_text="What people are told that they allow.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Consent(models.Model):
    """What somebody agreed that a client may know and do. One row for each pair; it grows with each yes, and goes with a no."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="consents")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents")
    scopes = models.JSONField(default=list)
    claims = models.JSONField(default=list, blank=True, help_text="Beyond what the scopes give.")
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-given_at"]
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="one_consent")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.client_id}"


class AuthorizationRequest(models.Model):
    """A request that waits: for somebody to sign in and agree, or, where its client pushed it (RFC 9126), to be begun."""

    id = models.CharField(primary_key=True, max_length=64, default=new_handle, editable=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    parameters = models.JSONField()
    is_pushed = models.BooleanField(default=False)
    device = models.ForeignKey(
        "accounts.Device", null=True, on_delete=models.CASCADE, help_text="The browser that the question was shown in."
    )
    asked_at = models.BigIntegerField(help_text="Unix seconds. A proof from then on is a new one.")
    begun_in = models.UUIDField(null=True, help_text="The browser's device at that time.")
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix seconds.")
    used_at = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"Request of {self.client_id}"


class AuthorizationCode(models.Model):
    """Kept as its SHA-256, and for a day after its use, so that a second use is known for what it is (SECURITY O-03)."""

    digest = models.CharField(primary_key=True, max_length=64)
    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authorization_codes")
    browser = models.ForeignKey("accounts.Device", on_delete=models.CASCADE, related_name="+")
    device = models.ForeignKey(
        "accounts.Device", null=True, on_delete=models.SET_NULL, related_name="+", help_text="What it gave."
    )
    redirect_uri = models.TextField()
    code_challenge = models.CharField(max_length=43, blank=True)
    dpop_jkt = models.CharField(max_length=43, blank=True, help_text="The key that its exchange must prove (RFC 9449).")
    nonce = models.TextField(blank=True)
    scope = models.TextField()
    claims = models.JSONField(default=dict, help_text="Asked for one by one (OpenID Connect Core §5.5).")
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix seconds.")
    used_at = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"Code of {self.client_id}"


class DeviceAuthorization(models.Model):
    """A device without a browser that waits for somebody to type its code elsewhere (RFC 8628)."""

    digest = models.CharField(primary_key=True, max_length=64, help_text="SHA-256 of the device code.")
    user_code = models.CharField(max_length=8, unique=True)
    client = models.ForeignKey(Client, on_delete=models.CASCADE)
    scope = models.TextField()
    network = models.CharField(max_length=45, blank=True, help_text="From where it was asked, a /24 or /56.")
    asked_at = models.DateTimeField(default=timezone.now)
    browser = models.ForeignKey(
        "accounts.Device", null=True, on_delete=models.CASCADE, related_name="+", help_text="In which it was allowed."
    )
    is_denied = models.BooleanField(default=False)
    polled_at = models.BigIntegerField(default=0, help_text="Unix seconds.")
    interval = models.PositiveIntegerField(default=5, help_text="Seconds between two questions.")
    expires_at = models.BigIntegerField(db_index=True, help_text="Unix seconds.")
    used_at = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"Device of {self.client_id}"

    @property
    def near(self) -> str:
        """From where it was asked, as people read addresses."""
        return in_words(self.network)
