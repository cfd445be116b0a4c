"""Django's validation errors in the API's one error shape."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from rest_framework import serializers


@contextmanager
def field_errors(field: str) -> Iterator[None]:
    """What a rule refuses becomes a 400 that names `field`, each message with its own code."""
    try:
        yield
    except ValidationError as error:
        details = [serializers.ErrorDetail("; ".join(item.messages), code=item.code or "invalid") for item in error.error_list]
        raise serializers.ValidationError({field: details}) from error
