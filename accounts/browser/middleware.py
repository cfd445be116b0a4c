"""`request.user` from the cookie. A stale or broken cookie is an anonymous visitor, never an error on a public page."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from accounts.core.requests import source
from accounts.users.models import User

from . import cookies, presence
from .presence import Presence


class CookieMiddleware(AuthenticationMiddleware):
    """Lazy: a request that never asks who it is costs nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        super().__init__(get_response)
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: user_of(request))  # type: ignore[assignment]
        response = self._next(request)
        return _with_cookie(request, response) if "HTTP_COOKIE" in request.META else response


def presence_of(request: HttpRequest) -> Presence | None:
    """Looked up once per request."""
    if not hasattr(request, "_presence"):
        claims = cookies.read_sign_in(request)
        request._presence = presence.find(claims, source(request)) if claims else None  # type: ignore[attr-defined]
    return request._presence  # type: ignore[attr-defined, no-any-return]


def user_of(request: HttpRequest) -> User | AnonymousUser:
    found = presence_of(request)
    return found.grant.user() if found else AnonymousUser()


def _with_cookie(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Renew or clear, unless the view has set the cookie itself."""
    if not hasattr(request, "_presence"):
        return response
    patch_vary_headers(response, ("Cookie",))
    if settings.COOKIE_NAME in response.cookies:
        return response
    found: Presence | None = request._presence
    if found is None and settings.COOKIE_NAME in request.COOKIES:
        cookies.clear_sign_in(response)
    elif found is not None and found.renewed is not None:
        cookies.set_sign_in(response, *found.renewed)
    return response
