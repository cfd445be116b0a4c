"""Filters, search and ordering of lists, each from an allow-list (SECURITY B-07). What is not on it is 400, not ignored."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.filters import OrderingFilter, SearchFilter
from rest_framework.request import Request

from accounts.core.errors import InvalidInput

LONGEST_SEARCH = 100
MOST_TERMS = 8


class FilterBackend(DjangoFilterBackend):  # type: ignore[misc]
    """`filterset_class` of the view."""

    def parameters(self, view: Any) -> Iterable[str]:
        return view.filterset_class.base_filters  # type: ignore[no-any-return]


class SearchBackend(SearchFilter):
    """`search_fields` of the view: every word must be found in one of them."""

    search_description = f"Words, at most {MOST_TERMS}; each must be found."

    def parameters(self, view: Any) -> Iterable[str]:
        return [self.search_param]

    def get_search_terms(self, request: Request) -> list[str]:
        """Bounded: every word is one more comparison for every row."""
        if len(request.query_params.get(self.search_param, "")) > LONGEST_SEARCH:
            raise InvalidInput(self.search_param, "max_length", f"Use at most {LONGEST_SEARCH} characters.")
        terms = super().get_search_terms(request)
        if len(terms) > MOST_TERMS:
            raise InvalidInput(self.search_param, "too_many_terms", f"Use at most {MOST_TERMS} words.")
        return list(terms)


class OrderingBackend(OrderingFilter):
    """One of the view's `ordering_fields`, or of their reverse: each a word and the column it stands for.

    A cursor has no place for NULL and wants one order of everything: no column is empty, and the id decides between equals.
    """

    def parameters(self, view: Any) -> Iterable[str]:
        return [self.ordering_param]

    def get_ordering(self, request: Request, queryset: QuerySet[Any], view: Any) -> list[str]:
        asked = request.query_params.get(self.ordering_param)
        if not asked:
            return list(view.ordering)
        if asked not in choices(view):
            raise InvalidInput(self.ordering_param, "invalid_choice", f"Order by one of: {', '.join(choices(view))}.")
        word = asked.removeprefix("-")
        sign = asked.removesuffix(word)
        return [f"{sign}{view.ordering_fields[word]}", f"{sign}id"]

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        schema = {"type": "string", "enum": choices(view)}
        return [{"name": self.ordering_param, "in": "query", "required": False, "description": "Order.", "schema": schema}]


@extend_schema_field(OpenApiTypes.BOOL)
class TrueOrFalse(django_filters.TypedChoiceFilter):  # type: ignore[misc]
    """`true` or `false`; django-filter's own takes anything else for "not asked"."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=[("true", "true"), ("false", "false")], coerce=lambda word: word == "true", **kwargs)


def choices(view: Any) -> list[str]:
    return [word for name in view.ordering_fields for word in (name, f"-{name}")]
