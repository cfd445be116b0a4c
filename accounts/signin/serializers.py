"""Shapes of the sign-in endpoints' requests and answers; unknown members are refused."""

from typing import Any

from rest_framework import serializers


class StrictCharField(serializers.CharField):
    """A string and nothing else: DRF would turn 12 into "12" (SECURITY B-15)."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError(
                {str(name)[:50]: serializers.ErrorDetail("This field is not known.", code="unknown_field") for name in unknown}
            )
        return super().to_internal_value(data)


class DeviceDescriptionSerializer(StrictSerializer):
    """`refresh`: the last refresh token of this installation, dead or alive. It proves a known device, nothing else."""

    name = StrictCharField(max_length=100, required=False, allow_blank=True, default="")
    platform = StrictCharField(max_length=50, required=False, allow_blank=True, default="")
    refresh = StrictCharField(max_length=100, required=False, allow_blank=True, default="", write_only=True)


class TokenObtainSerializer(StrictSerializer):
    """`password` is taken as typed: no trimming, no normalisation."""

    email = StrictCharField(max_length=254)
    password = StrictCharField(max_length=256, trim_whitespace=False, write_only=True)
    device = DeviceDescriptionSerializer(required=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")
    audience = StrictCharField(max_length=200, required=False, allow_blank=True, default="")


class TokenRefreshSerializer(StrictSerializer):
    refresh = StrictCharField(max_length=200, required=False, allow_blank=True, default="")
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")


class TokenRevokeSerializer(StrictSerializer):
    refresh = StrictCharField(max_length=200, required=False, allow_blank=True, default="")


class TokenVerifySerializer(StrictSerializer):
    token = StrictCharField(max_length=8192)


class TokenPairSerializer(serializers.Serializer[Any]):
    """CONTRACT, Token pair. Without `access` and `refresh` for a browser that keeps its tokens in a cookie."""

    access = serializers.CharField(required=False)
    refresh = serializers.CharField(required=False)
    token_type = serializers.ChoiceField(choices=["Bearer"], required=False)
    expires_in = serializers.IntegerField(help_text="Seconds.")
    refresh_expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()
    device = serializers.UUIDField()


class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ErrorSerializer(serializers.Serializer[Any]):
    """The one error shape."""

    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="A sentence, for people.")
    errors = serializers.DictField(child=ErrorDetailSerializer(many=True), required=False, help_text="By field, on `invalid`.")  # type: ignore[assignment]
