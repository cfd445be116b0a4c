"""Shapes of the endpoints where an account begins or changes; unknown members are refused."""

from typing import Any

from rest_framework import serializers

from accounts.core.passkey_shapes import RegistrationField
from accounts.core.shapes import SingleLineField, StrictCharField, StrictEmailField, StrictSerializer
from accounts.signin.serializers import DeviceDescriptionSerializer, TokenPairSerializer


class JoiningSerializer(StrictSerializer):
    """`language` is a tag such as `en` or `de`; mails are written in it if the server speaks it."""

    email = StrictEmailField(max_length=254)
    name = SingleLineField(max_length=150, required=False, allow_blank=True, default="")
    language = StrictCharField(max_length=10, required=False, allow_blank=True, default="")


class RegisterSerializer(JoiningSerializer):
    """`password` is taken as typed."""

    password = StrictCharField(max_length=1000, trim_whitespace=False, write_only=True)


class RegisteredSerializer(serializers.Serializer[Any]):
    """`registration` goes to the verification, from the same app: it shows that both are one and the same."""

    detail = serializers.CharField()
    registration = serializers.CharField()


class PasskeySignUpSerializer(StrictSerializer):
    challenge = StrictCharField(max_length=4000)
    credential = RegistrationField()
    language = StrictCharField(max_length=10, required=False, allow_blank=True, default="")
    device = DeviceDescriptionSerializer(required=False)


class EmailSerializer(StrictSerializer):
    email = StrictCharField(max_length=254)


class ResetSerializer(EmailSerializer):
    device = DeviceDescriptionSerializer(required=False)


class DetailSerializer(serializers.Serializer[Any]):
    detail = serializers.CharField()


class ByMailSerializer(StrictSerializer):
    """`token` from the link of a mail, or `email` and the `code` beside it."""

    email = StrictCharField(max_length=254, required=False, allow_blank=True, default="")
    code = StrictCharField(max_length=20, required=False, allow_blank=True, default="", write_only=True)
    token = StrictCharField(max_length=2000, required=False, allow_blank=True, default="", write_only=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs["token"] and not (attrs["email"] and attrs["code"]):
            raise serializers.ValidationError(
                {"token": serializers.ErrorDetail("Give the token, or email and code.", "required")}
            )
        return attrs


class VerifyEmailSerializer(ByMailSerializer):
    """`registration`: what registering answered. Without it, what was chosen then may be dropped."""

    registration = StrictCharField(max_length=1000, required=False, allow_blank=True, default="", write_only=True)
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")


class VerifiedPairSerializer(TokenPairSerializer):
    credentials_kept = serializers.BooleanField(
        help_text="False: the password or passkey of the registration was dropped, because nothing showed that the same person"
        " chose it. Let them choose a new one."
    )


class ResetConfirmSerializer(ByMailSerializer):
    """`new_password` is taken as typed."""

    device = DeviceDescriptionSerializer(required=False)

    new_password = StrictCharField(max_length=1000, trim_whitespace=False, write_only=True)


class UndoSerializer(StrictSerializer):
    token = StrictCharField(max_length=2000, write_only=True)


class GuestSerializer(StrictSerializer):
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")
    language = StrictCharField(max_length=10, required=False, allow_blank=True, default="")


class OfferedProviderSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(help_text="In the path of `/auth/federated/{provider}/`.")
    label = serializers.CharField(help_text="For people.")  # type: ignore[assignment]


class PasswordRulesSerializer(serializers.Serializer[Any]):
    min_length = serializers.IntegerField()
    max_length = serializers.IntegerField()


class PasskeyRulesSerializer(serializers.Serializer[Any]):
    rp_id = serializers.CharField()


class LifetimesSerializer(serializers.Serializer[Any]):
    """Seconds."""

    access = serializers.IntegerField()
    refresh_idle = serializers.IntegerField()
    refresh_absolute = serializers.IntegerField()
    freshness = serializers.IntegerField()


class OfferedLinksSerializer(serializers.Serializer[Any]):
    sign_in = serializers.URLField()
    sign_up = serializers.URLField()
    security = serializers.URLField()
    jwks = serializers.URLField()
    schema = serializers.URLField()


class ConfigSerializer(serializers.Serializer[Any]):
    """What an app needs to draw its sign-in. `methods` and `factors` may grow: show those that the app knows."""

    product = serializers.CharField()
    issuer = serializers.URLField()
    methods = serializers.ListField(
        child=serializers.CharField(), help_text="`password`, `passkey`, `code`, `federated`, `guest`."
    )
    providers = OfferedProviderSerializer(many=True)
    dpop_signing_alg_values_supported = serializers.ListField(
        child=serializers.CharField(), help_text="What a DPoP proof may be signed with (RFC 9449 §5.1)."
    )
    factors = serializers.ListField(child=serializers.CharField(), help_text="`totp`, `recovery_code`, `passkey`.")
    password = PasswordRulesSerializer()
    passkeys = PasskeyRulesSerializer()
    lifetimes = LifetimesSerializer()
    links = OfferedLinksSerializer()
