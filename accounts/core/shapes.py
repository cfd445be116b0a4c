"""What every request and answer is made of: strict fields, a serializer that refuses unknown members, the error shape."""

import re
import unicodedata
from typing import Any

from rest_framework import serializers

from .passkey_shapes import RequestOptionsField

_BREAKS_A_LINE = {"Cc", "Zl", "Zp"}
_SETS_APART = re.compile(r"[\s.\-\u2010-\u2015]")
_TURNS_THE_TEXT = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def is_one_line(text: str) -> bool:
    """Nothing in it breaks the line or turns the text around."""
    return not any(sign in _TURNS_THE_TEXT or unicodedata.category(sign) in _BREAKS_A_LINE for sign in text)


def joined(typed: str) -> str:
    """A code as it was sent, however its groups were set apart: `123 456`, `123-456`."""
    return _SETS_APART.sub("", typed)


class StrictCharField(serializers.CharField):
    """A string and nothing else: DRF would turn 12 into "12" (SECURITY B-15)."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class SingleLineField(StrictCharField):
    """For names: they travel into mails, logs and pages, so nothing may break the line or turn the text around."""

    default_error_messages = {"unprintable": "Use printable characters on one line."}

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not is_one_line(text):
            self.fail("unprintable")
        return text


class StrictEmailField(serializers.EmailField):
    """As `StrictCharField`, for addresses."""

    default_error_messages = {"invalid": "Enter a valid e-mail address."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    """true or false; DRF would take "yes", "on" and 1."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=str(data)[:50])
        return data


class StrictIntegerField(serializers.IntegerField):
    """A number and nothing else; DRF would take "12", 12.0 and true."""

    def to_internal_value(self, data: Any) -> int:
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictNamesField(serializers.ListField):
    """A list of different strings."""

    child = StrictCharField(max_length=255)
    default_error_messages = {"repeated": "A name appears twice."}

    def to_internal_value(self, data: Any) -> list[str]:
        names: list[str] = super().to_internal_value(data)
        if len(names) != len(set(names)):
            self.fail("repeated")
        return names


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses members that it does not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := [name for name in data if name not in self.fields]):
            raise serializers.ValidationError(
                {str(name)[:50]: serializers.ErrorDetail("This field is not known.", code="unknown_field") for name in unknown}
            )
        return super().to_internal_value(data)


class NothingSerializer(StrictSerializer):
    """The body of an act that needs no words: empty, or `{}`."""


class ErrorDetailSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class OpenSerializer(serializers.Serializer[Any]):
    """Says what is known of a body that may hold more."""


class ErrorSerializer(OpenSerializer):
    """The one error shape."""

    code = serializers.CharField(help_text="Stable, for programs.")
    detail = serializers.CharField(help_text="A sentence, for people.")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=ErrorDetailSerializer(many=True), required=False, help_text="By field, on `invalid`."
    )
    required_scope = serializers.CharField(required=False, help_text="On `insufficient_scope`.")
    max_age = serializers.IntegerField(required=False, help_text="Seconds, on `insufficient_user_authentication`.")
    acr_values = serializers.CharField(required=False, help_text="The strength wanted, on `insufficient_user_authentication`.")
    challenge = serializers.CharField(required=False, help_text="On `mfa_required`, `mfa_enrolment_required`, `link_required`.")
    methods = serializers.ListField(child=serializers.CharField(), required=False, help_text="Beside a `challenge`.")
    expires_in = serializers.IntegerField(required=False, help_text="Seconds that the `challenge` is good for.")
    publicKey = RequestOptionsField(required=False, help_text="On `mfa_required`, when a passkey is among the methods.")


def refusals(*statuses: int) -> dict[int, type[ErrorSerializer]]:
    """For `extend_schema(responses=…)`: these statuses, each with the one error shape."""
    return dict.fromkeys(statuses, ErrorSerializer)
