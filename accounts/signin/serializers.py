"""Shapes of the sign-in endpoints' requests and answers; unknown members are refused."""

from typing import Any

from rest_framework import serializers

from accounts.core.shapes import SingleLineField, StrictCharField, StrictSerializer


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
    refresh = StrictCharField(max_length=200, required=False, allow_blank=True, default="", trim_whitespace=False)
    scope = StrictCharField(max_length=1000, required=False, allow_blank=True, default="")


class TokenRevokeSerializer(StrictSerializer):
    refresh = StrictCharField(max_length=200, required=False, allow_blank=True, default="", trim_whitespace=False)


class TokenVerifySerializer(StrictSerializer):
    token = StrictCharField(trim_whitespace=False)


class TokenPairSerializer(serializers.Serializer[Any]):
    """The token pair. Without `access` and `refresh` for a browser that keeps its tokens in a cookie."""

    access = serializers.CharField(required=False)
    refresh = serializers.CharField(required=False)
    token_type = serializers.ChoiceField(choices=["Bearer"], required=False)
    expires_in = serializers.IntegerField(help_text="Seconds.")
    refresh_expires_in = serializers.IntegerField(help_text="Seconds.")
    scope = serializers.CharField()
    device = serializers.UUIDField()
