"""The OpenAPI document and its page. Public: they say how to ask, and hold nothing about anybody."""

import hashlib
import json
from functools import cache
from typing import Any

from django.http import HttpResponse, HttpResponseNotModified
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

_CACHEABLE = "public, max-age=300"


class SchemaView(APIView):
    """`/api/schema/`: made once per process, because making it takes a core for some hundred milliseconds."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        document, tag = _document()
        seen = request.headers.get("If-None-Match") == tag
        response = HttpResponseNotModified() if seen else HttpResponse(document, content_type="application/json")
        response["ETag"] = tag
        response["Cache-Control"] = _CACHEABLE
        return response


class ReferenceView(SpectacularSwaggerSplitView):  # type: ignore[misc, unused-ignore]
    """`/api/docs/`: Swagger UI from our own static files."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)  # type: ignore[no-any-return, no-untyped-call, unused-ignore]

    def handle_exception(self, exc: Exception) -> Response:
        """In the shape of every error: the renderer of the page has a line of text for them (SECURITY S-14)."""
        self.request.accepted_renderer, self.request.accepted_media_type = JSONRenderer(), JSONRenderer.media_type
        return super().handle_exception(exc)  # type: ignore[no-any-return, unused-ignore]


@cache
def _document() -> tuple[bytes, str]:
    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call, unused-ignore]
    raw = json.dumps(schema, default=str, indent=1).encode()
    return raw, f'"{hashlib.sha256(raw).hexdigest()[:32]}"'
