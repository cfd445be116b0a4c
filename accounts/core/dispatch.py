"""DRF's request cycle without its waste: what makes a guarded view cost little more than a bare one.

DRF builds parsers, authenticators and permissions anew for every request, and asks each time for versions, throttles
and format suffixes that are not used here. Ours keep no state, so one of each serves all requests, and an app that
asks for JSON gets it without negotiation. `make bench` shows what that is worth.
"""

from functools import cache
from typing import Any

from django.http import HttpRequest
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from .errors import Problem

_PLAIN = frozenset({"*/*", "application/json", "application/json, */*", "application/json, text/plain, */*"})
_JSON = JSONRenderer()
_VARY = "Accept, Authorization, Cookie"
_encode = JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@cache
def _tools(view: type[APIView]) -> tuple[list[Any], list[Any], Any]:
    """Parsers, authenticators and negotiator of a view class."""
    return _shared(tuple(view.parser_classes)), _shared(tuple(view.authentication_classes)), view.content_negotiation_class()


@cache
def _shared(classes: tuple[type[Any], ...]) -> list[Any]:
    return [kind() for kind in classes]


class LeanView(APIView):
    """The same steps in the same order as `APIView.dispatch`, with the same hooks."""

    format_kwarg = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        self.args, self.kwargs = args, kwargs
        asked = self.request = self.initialize_request(request, *args, **kwargs)
        self.headers: dict[str, str] = {}
        method = (request.method or "").lower()
        try:
            self.initial(asked, *args, **kwargs)
            handler = getattr(self, method, None) if method in self.http_method_names else None
            response: Response = (handler or self.http_method_not_allowed)(asked, *args, **kwargs)
        except Exception as error:  # noqa: BLE001 - DRF's contract: one handler turns every exception into an answer
            response = self.handle_exception(error)
        self.response = self.finalize_response(asked, response, *args, **kwargs)
        return self.response

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        parsers, authenticators, negotiator = _tools(type(self))  # type: ignore[arg-type]
        context = {"view": self, "args": args, "kwargs": kwargs}
        return Request(request, parsers, authenticators, negotiator, context)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Negotiation, authentication, permission. Limits are those of `accounts.core.limits`, not DRF's throttles."""
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version = request.versioning_scheme = None
        try:
            # What `request.user` comes to, without its guard against an AttributeError being taken for a missing attribute.
            request._authenticate()  # type: ignore[attr-defined]
        except Problem:
            # DRF does this for its own exceptions: whoever asks again, a renderer say, must not meet the error again.
            request._not_authenticated()  # type: ignore[attr-defined]
            raise
        self.check_permissions(request)

    def get_permissions(self) -> list[Any]:
        return _shared(tuple(self.permission_classes))

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[BaseRenderer, str]:
        meta = request._request.META
        if meta.get("HTTP_ACCEPT", "*/*") in _PLAIN and "format=" not in meta.get("QUERY_STRING", ""):
            return _JSON, _JSON.media_type
        return super().perform_content_negotiation(request, force)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        if request.__dict__.get("accepted_renderer") is not _JSON or type(response) is not Response:
            self.headers = {**self.default_response_headers, "Vary": _VARY}
            return super().finalize_response(request, response, *args, **kwargs)
        response.accepted_renderer, response.accepted_media_type = _JSON, _JSON.media_type
        response.headers._store["vary"] = ("Vary", _VARY)
        if response.status_code == 405 or asked_about(request):
            response.headers["Allow"] = ", ".join(self.allowed_methods)
        _render(response)
        # Request and view point at each other through it: freed now instead of by the garbage collector.
        request.parser_context.clear()
        return response


def asked_about(request: Request) -> bool:
    """OPTIONS asks what there is; the answer names the methods (RFC 9110 §9.3.7)."""
    return request._request.method == "OPTIONS"


def _render(response: Response) -> None:
    """What `Response.render()` would do later, without asking again how."""
    if response.data is None:
        response.content = b""
        del response.headers["Content-Type"]
    else:
        body = _encode(response.data).encode()
        response.headers._store["content-type"] = ("Content-Type", _JSON.media_type)
        response.headers._store["content-length"] = ("Content-Length", str(len(body)))
        response.content = body
