"""The outermost layer: request id, refusals that need no view, headers on every answer, and 503 for a lost database."""

import logging
import os
import re
from collections.abc import Callable
from io import BytesIO
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import DisallowedHost, RequestDataTooBig, TooManyFieldsSent
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse

from accounts.core.errors import Problem, Unavailable
from project.errors import answer, answer_problem
from project.logs import request_id
from project.middleware.pages import is_app_call

logger = logging.getLogger("signet.request")

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    # Not "no-referrer": browsers would then send `Origin: null` with every form, and the CSRF check refuse it.
    ("Referrer-Policy", "strict-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)"),
    # Everything may be about somebody; what may be cached says so itself.
    ("Cache-Control", "no-store"),
    *(
        (("Strict-Transport-Security", f"max-age={settings.SECURE_HSTS_SECONDS}; includeSubDomains"),)
        if settings.SECURE_COOKIES
        else ()
    ),
)


_good_hosts: set[tuple[str, tuple[str, ...]]] = set()
_MOST_HOSTS = 100
# As `ResponseHeaders` keeps them: checked once here instead of encoded anew for every answer.
_POLICY = "Content-Security-Policy"
_STORED = [(name.lower(), (name, value)) for name, value in _HEADERS]


class FrontMiddleware:
    """Outermost, so that its headers are on every answer, the framework's own errors included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        if settings.SECURE_COOKIES:
            # The proxy ended TLS. Taken from our own setting, so that no header can say otherwise (SECURITY W-01).
            meta["wsgi.url_scheme"] = "https"
        given = meta.get("HTTP_X_REQUEST_ID", "")
        name = given if given and _REQUEST_ID.fullmatch(given) else os.urandom(12).hex()
        request.request_id = name  # type: ignore[attr-defined]
        request_id.set(name)
        app_call = request.is_app_call = is_app_call(meta)  # type: ignore[attr-defined]
        response = _refusal(request) or (_unknown_host(request) if app_call else None) or self.get_response(request)
        # What is stored here is ASCII and has no line break: Django's own way encodes and searches each of them.
        stored = response.headers._store
        if app_call and "content-length" not in stored and not response.streaming:
            stored["content-length"] = ("Content-Length", str(len(response.content)))
        for key, header in _STORED:
            stored.setdefault(key, header)
        if _POLICY.lower() not in stored:
            is_page = response.headers.get("Content-Type", "").startswith("text/html")
            stored[_POLICY.lower()] = (_POLICY, _PAGE_POLICY if is_page else _DATA_POLICY)
        stored["x-request-id"] = ("X-Request-Id", name)
        # What the server sends: the pairs as they are kept, where Django would look each of them up by its name.
        response.items = stored.values  # type: ignore[method-assign]
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
    if not length.isdecimal() or int(length) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return answer(request, 413)
    if meta.get("HTTP_CONTENT_ENCODING", "identity").lower() not in {"identity", ""}:
        return answer(request, 415)
    query = meta.get("QUERY_STRING", "")
    if "&" in query and _repeats(query):
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
