"""Cursor pagination: `{next, previous, results}`; pages stay stable while rows are added.

A cursor names one row by all the fields of the order, the last of which no two rows share. DRF's names the first of them alone
and counts on among equals, and on the way back it counts some of them out.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q
from rest_framework import pagination
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.core import crypto
from accounts.core.errors import InvalidInput
from accounts.links.download import PARAMETER


@dataclass(frozen=True, slots=True)
class Place:
    """The rows after `position`, or before it, without it. None: from the beginning, or back from the end."""

    back: bool = False
    position: list[str] | None = None


class CursorPagination(pagination.CursorPagination):
    """The cursor is encrypted: it names a row's value (an address, when ordered by it) and is believed on its way back."""

    request: Request
    ordering: tuple[str, ...] = ("id",)
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_page_size(self, request: Request) -> int:
        """Raises `InvalidInput`; DRF would take the default for "abc" and 100 for 1000 (SECURITY S-05)."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return int(api_settings.PAGE_SIZE or self.max_page_size)
        if len(asked) > 3 or not (asked.isascii() and asked.isdecimal()) or not 1 <= int(asked) <= self.max_page_size:
            raise InvalidInput(self.page_size_query_param, "invalid", f"A number from 1 to {self.max_page_size}.")
        return int(asked)

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        self.request = request
        size, self.ordering = self.get_page_size(request), self.get_ordering(request, queryset, view)
        place = self._place()
        rows = queryset.order_by(*self.ordering)
        rows = rows.reverse() if place.back else rows
        found = list(rows.filter(_beyond(self.ordering, place))[: size + 1])
        goes_on, came_from = len(found) > size, place.position is not None
        self.has_previous, self.has_next = (goes_on, came_from) if place.back else (came_from, goes_on)
        self.display_page_controls = self.has_previous or self.has_next
        self.page = found[size - 1 :: -1] if place.back else found[:size]
        return self.page

    def get_next_link(self) -> str | None:
        return self._link(Place(back=False, position=self._position(-1))) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(Place(back=True, position=self._position(0))) if self.has_previous else None

    def _position(self, index: int) -> list[str] | None:
        """None on a page that has emptied since: there is no row to name."""
        return [str(getattr(self.page[index], field.removeprefix("-"))) for field in self.ordering] if self.page else None

    def _place(self) -> Place:
        encoded = self.request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return Place()
        try:
            return Place(*json.loads(crypto.decrypt(encoded, context=self._context())))
        except crypto.CannotDecrypt:
            raise InvalidInput(self.cursor_query_param, "invalid", "This cursor does not belong to this list.") from None

    def _link(self, place: Place) -> str:
        """A whole address, on `PUBLIC_URL` whatever host was asked for; a used link is not passed on."""
        encoded = crypto.encrypt(json.dumps([place.back, place.position]).encode(), context=self._context())
        url = f"{settings.PUBLIC_URL}{self.request.get_full_path()}"
        return replace_query_param(remove_query_param(url, PARAMETER), self.cursor_query_param, encoded)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": self.max_page_size, "default": api_settings.PAGE_SIZE}
        return [
            _query(self.cursor_query_param, "From `next` or `previous` of an answer.", {"type": "string"}),
            _query(self.page_size_query_param, "Rows on a page.", size),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        members = {"next": link, "previous": link, "results": schema}
        return {"type": "object", "required": list(members), "properties": members}

    def _context(self) -> str:
        return f"place/{self.request.path}/{','.join(self.ordering)}"


class NewestFirst(CursorPagination):
    """Ids are UUIDv7: they sort by time."""

    ordering = ("-id",)


class ByName(CursorPagination):
    ordering = ("name",)


def _beyond(ordering: Sequence[str], place: Place) -> Q:
    """What comes after the row in this order: greater in the first field, or equal there and greater in the next one."""
    beyond, equal = Q(), Q()
    for field, value in zip(ordering, place.position or (), strict=False):
        name = field.removeprefix("-")
        comparison = "lt" if field.startswith("-") != place.back else "gt"
        beyond |= equal & Q(**{f"{name}__{comparison}": value})
        equal &= Q(**{name: value})
    return beyond


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
