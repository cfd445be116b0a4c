"""Instants as exports write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from .person import BadEntry

_MILLISECONDS_SINCE = 100_000_000_000
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
# Clocks differ.
_AHEAD = timedelta(days=1)


def created(value: Any) -> datetime | None:
    """When an account was made there: not before computers counted time, and not in the future. Raises `BadEntry`."""
    found = instant(value)
    if found and not _EARLIEST <= found <= timezone.now() + _AHEAD:
        raise BadEntry("the time of creation is out of range")
    return found


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
        raise BadEntry("a time is out of range") from None


def _written(value: str) -> datetime:
    try:
        found = parse_datetime(value.strip())
    except ValueError:
        found = None
    if found is None:
        raise BadEntry("a time is not written as one")
    return found if found.tzinfo else found.replace(tzinfo=UTC)
