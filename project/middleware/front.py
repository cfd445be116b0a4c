"""The outermost layer: request id, and headers on every answer."""

import os
import re
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.tokens import dpop_nonce
from project.logs import request_id
from project.middleware.pages import is_app_call

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

# As `ResponseHeaders` keeps them: checked once here instead of encoded anew for every answer.
_POLICY = "Content-Security-Policy"
_STORED = [(name.lower(), (name, value)) for name, value in _HEADERS]


class FrontMiddleware:
    """Outermost, so that its headers are on every answer, the framework's own errors included.

    It does nothing that could fail: a fault further in is a 500 by the time it comes past here.
    """

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
        response = self.get_response(request)
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
        if "HTTP_DPOP" in meta:
            # Whoever makes proofs always has a nonce for the next one (RFC 9449 §8.2).
            stored["dpop-nonce"] = ("DPoP-Nonce", dpop_nonce.current())
        # What the server sends: the pairs as they are kept, where Django would look each of them up by its name.
        response.items = stored.values  # type: ignore[method-assign]
        return response
