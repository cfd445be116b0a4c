"""Instants as exports write them."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from .person import BadEntry

_MILLISECONDS_SINCE = 100_000_000_000


def instant(value: Any) -> datetime | None:
    """RFC 3339, PostgreSQL's form, and Unix seconds or milliseconds, as number or text. Raises `BadEntry`."""
    if value in (None, ""):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return _written(str(value))
    try:
        return datetime.fromtimestamp(number / 1000 if number > _MILLISECONDS_SINCE else number, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadEntry("the time of creation is out of range") from None


def _written(value: str) -> datetime:
    try:
        found = parse_datetime(value.strip())
    except ValueError:
        found = None
    if found is None:
        raise BadEntry("the time of creation is not a time")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
