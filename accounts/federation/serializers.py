"""Shapes of the requests that need no account: a nonce, a notice."""

from typing import Any

from rest_framework import serializers

from accounts.core.shapes import ErrorSerializer, StrictCharField, StrictSerializer
from accounts.tokens.compact import MAX_BYTES


class NonceSerializer(serializers.Serializer[Any]):
    nonce = serializers.CharField(help_text="For the issuer's SDK, as it is or as its SHA-256.")
    expires_in = serializers.IntegerField(help_text="Seconds.")


class NoticeRefusedSerializer(ErrorSerializer):
    """The error shape, and in it what RFC 8935 §2.3 wants."""

    err = serializers.CharField(help_text="Of RFC 8935 §2.4.")
    description = serializers.CharField(help_text="As `detail`.")


class NoticeSerializer(StrictSerializer):
    payload = StrictCharField(max_length=MAX_BYTES, trim_whitespace=False, help_text="A signed token.")
