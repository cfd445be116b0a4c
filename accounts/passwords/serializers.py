"""Shapes of the meter's question and answer."""

from typing import Any

from rest_framework import serializers

from accounts.core.shapes import StrictCharField, StrictSerializer

from .policy import LONGEST


class JudgedSerializer(StrictSerializer):
    """`email` and `name` are the person's own words; none of it is kept."""

    password = StrictCharField(max_length=LONGEST, trim_whitespace=False, write_only=True)
    email = StrictCharField(max_length=254, required=False, default="", allow_blank=True)
    name = StrictCharField(max_length=150, required=False, default="", allow_blank=True)


class StrengthSerializer(serializers.Serializer[Any]):
    score = serializers.IntegerField(min_value=0, max_value=4, help_text="0: guessed at once. 4: very unlikely to be guessed.")
    advice = serializers.ListField(
        child=serializers.CharField(), help_text="Sentences in the language of `Accept-Language`; none for a good password."
    )
