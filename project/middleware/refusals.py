"""Refusals that need no view, and those that come without a shape: wrong before any view is chosen, or a fault below one.

Below the layers that an answer passes through on its way: readable for other origins, and in the reader's language.
"""

import logging
from collections.abc import Callable
from io import BytesIO
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from accounts.core.errors import Problem, Unavailable
from project.errors import answer, answer_problem

logger = logging.getLogger("signet.request")

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_LONGEST_LENGTH = 20
"""Digits of a Content-Length: as many as 64 bits can hold. Python refuses to read thousands of them."""
_MOST_HOSTS = 100
_good_hosts: set[tuple[str, tuple[str, ...]]] = set()


class RefusalMiddleware:
    """`FrontMiddleware` has set `request.is_app_call`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_app_call: bool = request.is_app_call  # type: ignore[attr-defined]
        response = _refusal(request) or (_unknown_host(request) if is_app_call else None) or self.get_response(request)
        if response.status_code == 405 and (response.streaming or not response.content):
            # Django's own and that of a static file have no body (SECURITY S-14).
            return answer(request, 405, headers={"Allow": response.headers["Allow"]})
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """What a page let through; API views have their own handler with the same answers."""
        if isinstance(error, Problem):
            return answer_problem(request, error)
        if isinstance(error, OperationalError | InterfaceError):
            logger.warning("database.unavailable", extra={"error": type(error).__name__})
            return answer_problem(request, Unavailable("database"))
        if isinstance(error, RequestDataTooBig):
            return answer(request, 413)
        if isinstance(error, TooManyFieldsSent):
            return answer(request, 400)
        return None


def _unknown_host(request: HttpRequest) -> HttpResponse | None:
    """`ALLOWED_HOSTS`, as `CommonMiddleware` asks for pages; a host once found good is not parsed again."""
    host = (request.META.get("HTTP_HOST", ""), tuple(settings.ALLOWED_HOSTS))
    if host not in _good_hosts:
        try:
            request.get_host()
        except DisallowedHost:
            return answer(request, 400, code="host_not_allowed", detail="This host name is not served here.")
        if len(_good_hosts) < _MOST_HOSTS:
            _good_hosts.add(host)
    return None


def _refusal(request: HttpRequest) -> HttpResponse | None:
    """Wrong before any view is chosen."""
    meta = request.META
    if meta.get("REQUEST_METHOD") not in _METHODS:
        return answer(request, 405, headers={"Allow": ", ".join(sorted(_METHODS))})
    if "HTTP_TRANSFER_ENCODING" in meta and (refused := _measured(request)):
        return refused
    length = meta.get("CONTENT_LENGTH") or "0"
    if len(length) > _LONGEST_LENGTH or not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return answer(request, 413)
    if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() not in {"identity", ""}:
        return answer(request, 415)
    query = meta.get("QUERY_STRING", "")
    # OAuth has its own words for it (RFC 6749 §4.1.2.1), and its endpoints look themselves.
    if "&" in query and not str(meta.get("PATH_INFO", "")).startswith("/oauth/") and _repeats(query):
        return answer(request, 400, code="repeated_parameter", detail="A query parameter appears twice.")
    return None


def _measured(request: HttpRequest) -> HttpResponse | None:
    """A chunked body has no length, and Django would read nothing of it: take it in, up to the limit, and say how long it is.

    Both a length and chunks mean that two readers may see two messages (RFC 9112 §6.1): refused.
    """
    meta = request.META
    if meta.get("CONTENT_LENGTH") or not meta.get("wsgi.input_terminated"):
        return answer(request, 400)
    body = meta["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
    meta["CONTENT_LENGTH"] = str(len(body))
    request._stream = BytesIO(body)
    return None


def _repeats(query: str) -> bool:
    """`?a=1&a=2` means different things to different readers, and `?a=1&%61=2` is the same (SECURITY B-15)."""
    names = [unquote_plus(part.partition("=")[0]) for part in query.split("&")]
    return len(names) != len(set(names))
