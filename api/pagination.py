"""Cursor pagination: `{next, previous, results}`; pages stay stable while rows are added."""

import json
from typing import Any

from django.conf import settings
from rest_framework import pagination
from rest_framework.pagination import Cursor
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.utils.urls import remove_query_param, replace_query_param

from accounts.core import crypto
from accounts.core.errors import InvalidInput
from accounts.links.download import PARAMETER


class CursorPagination(pagination.CursorPagination):
    """The cursor is encrypted: it names a row's value (an address, when ordered by it) and is believed on its way back."""

    request: Request
    ordering = ("id",)
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

    def decode_cursor(self, request: Request) -> Cursor | None:
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            offset, reverse, position = json.loads(crypto.decrypt(encoded, context=self._context()))
        except crypto.CannotDecrypt:
            raise InvalidInput(self.cursor_query_param, "invalid", "This cursor does not belong to this list.") from None
        return Cursor(offset=offset, reverse=reverse, position=position)

    def encode_cursor(self, cursor: Cursor) -> str:
        """A whole address, on `PUBLIC_URL` whatever host was asked for; a used link is not passed on."""
        encoded = crypto.encrypt(json.dumps(cursor).encode(), context=self._context())
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
        return f"cursor/{self.request.path}/{','.join(self.ordering)}"


class NewestFirst(CursorPagination):
    """Ids are UUIDv7: they sort by time."""

    ordering = ("-id",)


class ByName(CursorPagination):
    ordering = ("name",)


def _query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
