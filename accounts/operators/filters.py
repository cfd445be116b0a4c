"""Filters that several lists share."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

_SPANS = {
    "hour": ("Last hour", timedelta(hours=1)),
    "day": ("Last 24 hours", timedelta(days=1)),
    "week": ("Last 7 days", timedelta(days=7)),
    "month": ("Last 30 days", timedelta(days=30)),
}


class SinceFilter(SimpleListFilter):
    """Rows whose `field` lies within a span up to now."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return [(name, label) for name, (label, _) in _SPANS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        _, span = _SPANS.get(self.value() or "", ("", None))
        return queryset.filter(**{f"{self.field}__gte": timezone.now() - span}) if span else queryset
