"""Shapes of the sign-in endpoints' requests and answers; unknown members are refused."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from accounts.core.passkey_shapes import AssertionField, CreationOptionsField, RequestOptionsField
from accounts.core.shapes import SingleLineField, StrictBooleanField, StrictCharField, StrictSerializer
from accounts.tokens import refresh

DPOP = [
    OpenApiParameter(
        "DPoP",
        location="header",
        description="A proof of the key that the new device shall be bound to (RFC 9449 §4), or that it is bound to.",
    ),
    OpenApiParameter(
        "DPoP-Nonce", location="header", response=[200, 401], description="For the next proof; comes where one was shown."
    ),
]
"""For `extend_schema(parameters=…)` of whatever answers tokens."""
REFRESHED = OpenApiParameter("X-Refresh", location="header", response=[200], enum=[known.value for known in refresh.Outcome])
"""And of whatever rotates a refresh token."""


class AnyStringField(StrictCharField):
    """For tokens: a string that is none is found by the rule that reads it, not by its length or its characters."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.validators = []


class DeviceDescriptionSerializer(StrictSerializer):
    """`refresh`: the last refresh token of this installation, dead or alive. It proves a known device, nothing else."""

    name = SingleLineField(max_length=100, required=False, allow_blank=True, default="")
    platform = SingleLineField(max_length=50, required=False, allow_blank=True, default="")
    refresh = StrictCharField(max_length=100, required=False, allow_blank=True, default="", write_only=True)


class TokenObtainSerializer(StrictSerializer):
    """`password` is taken as typed: no trimming, no normalisation."""

    email = StrictCharField(max_length=254)
    password = StrictCharField(max_length=256, trim_whitespace=False, write_only=True)
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")
    audience = StrictCharField(max_length=200, required=False, allow_blank=True, default="")


class TokenRefreshSerializer(StrictSerializer):
    """`refresh`: one that is too long is no token of ours, not a malformed request."""

    refresh = AnyStringField(required=False, allow_blank=True, default="", trim_whitespace=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")


class TokenRevokeSerializer(StrictSerializer):
    """`refresh`: any string will do (RFC 7009 §2.2)."""

    refresh = AnyStringField(required=False, allow_blank=True, default="", trim_whitespace=False)


class TokenVerifySerializer(StrictSerializer):
    token = StrictCharField(trim_whitespace=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    """The token pair. Without `access` and `refresh` for a browser that keeps its tokens in a cookie."""

    access = serializers.CharField(required=False)
    refresh = serializers.CharField(required=False)
    token_type = serializers.ChoiceField(choices=["Bearer", "DPoP"], required=False)
    expires_in = serializers.IntegerField(help_text="Seconds.")
    refresh_expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()
    device = serializers.UUIDField()


class MfaAnswerSerializer(StrictSerializer):
    """`code` for `totp` and `recovery_code`, `credential` for `passkey`. `remember` counts for browsers."""

    challenge = StrictCharField(max_length=4000)
    method = serializers.ChoiceField(choices=["totp", "recovery_code", "passkey"])
    code = StrictCharField(max_length=40, required=False, allow_blank=True, default="", write_only=True)
    credential = AssertionField(required=False)
    remember = StrictBooleanField(required=False, default=False)


class MfaEnrolSerializer(StrictSerializer):
    challenge = StrictCharField(max_length=4000)


class MfaEnrolConfirmSerializer(MfaEnrolSerializer):
    code = StrictCharField(max_length=40, write_only=True)


class EnrolmentSerializer(serializers.Serializer[Any]):
    """Shown once: the secret for an authenticator app, as text, as a link and as a picture."""

    secret = serializers.CharField()
    otpauth_uri = serializers.CharField()
    qr_svg = serializers.CharField()


class EnrolledPairSerializer(TokenPairSerializer):
    recovery_codes = serializers.ListField(child=serializers.CharField())


class StepUpSerializer(StrictSerializer):
    """`password`, or `code` with its `method`, or `credential` with the `challenge` of the passkey options.

    `method` may be left out where the fields say it.
    """

    method = serializers.ChoiceField(choices=["password", "totp", "recovery_code", "passkey", "email"], required=False)
    password = StrictCharField(
        max_length=256, required=False, allow_blank=True, default="", trim_whitespace=False, write_only=True
    )
    code = StrictCharField(max_length=40, required=False, allow_blank=True, default="", write_only=True)
    credential = AssertionField(required=False)
    challenge = StrictCharField(max_length=4000, required=False, allow_blank=True, default="")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        said = "password" if attrs["password"] else "passkey" if attrs.get("credential") else "totp"
        return {**attrs, "method": attrs.get("method", said)}


class SteppedUpSerializer(serializers.Serializer[Any]):
    access = serializers.CharField(required=False)
    token_type = serializers.ChoiceField(choices=["Bearer", "DPoP"], required=False)
    expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()
    acr = serializers.CharField()
    auth_time = serializers.IntegerField(help_text="Unix seconds.")


class StepUpMethodsSerializer(serializers.Serializer[Any]):
    methods = serializers.ListField(child=serializers.CharField())


class CodeAskSerializer(StrictSerializer):
    email = StrictCharField(max_length=254)
    device = DeviceDescriptionSerializer(required=False)


class CodeAskedSerializer(serializers.Serializer[Any]):
    challenge = serializers.UUIDField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class CodeVerifySerializer(StrictSerializer):
    challenge = StrictCharField(max_length=100)
    code = StrictCharField(max_length=20, write_only=True)
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")


class PasskeyOptionsWantedSerializer(StrictSerializer):
    """The keys of `email` are listed where its owner was signed in before: to a browser, or to an app that shows `device`."""

    email = StrictCharField(max_length=254, required=False, allow_blank=True, default="")
    device = DeviceDescriptionSerializer(required=False)


class PasskeyOptionsSerializer(serializers.Serializer[Any]):
    """To sign in. `challenge` comes back with the credential; it is good for five minutes and one try."""

    challenge = serializers.CharField()
    publicKey = RequestOptionsField(help_text="For `PublicKeyCredential.parseRequestOptionsFromJSON()`.")


class PasskeyCreationOptionsSerializer(serializers.Serializer[Any]):
    """To make a passkey. `challenge` comes back with the credential; it is good for five minutes and one try."""

    challenge = serializers.CharField()
    publicKey = CreationOptionsField(help_text="For `PublicKeyCredential.parseCreationOptionsFromJSON()`.")


class PasskeyAnswerSerializer(StrictSerializer):
    """`credential` is the JSON of `PublicKeyCredential` (Web Authentication §5.1)."""

    challenge = StrictCharField(max_length=4000)
    credential = AssertionField()
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")


class FederatedSerializer(StrictSerializer):
    """`nonce`: as we gave it, when the ID token carries its hash. `name`: what Apple tells an app once."""

    id_token = StrictCharField(max_length=8192, write_only=True)
    nonce = StrictCharField(max_length=100, required=False, allow_blank=True, default="")
    name = SingleLineField(max_length=150, required=False, allow_blank=True, default="")
    language = StrictCharField(max_length=10, required=False, allow_blank=True, default="")
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")
