"""Middleware that serves pages and browsers only.

An app's call (a path of the API, no cookie) has no static file, no language, no CSRF, no cookie and no messages: it passes these
layers by, which is a third of what a bare request costs. Everything else goes through Django's and our own as usual.
"""

from typing import Any

from django.contrib.messages.middleware import MessageMiddleware
from django.http import HttpRequest
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from whitenoise.middleware import WhiteNoiseMiddleware

from accounts.browser.languages import LanguageMiddleware
from accounts.browser.middleware import CookieMiddleware
from project.errors import answer

_SAFE = ("GET", "HEAD", "OPTIONS")
_APP_PATHS = ("/api/v1/", "/auth/", "/.well-known/")


def is_app_call(meta: dict[str, Any]) -> bool:
    """No cookie, neither sent nor asked for, and a path under which apps call; one without its slash goes the long way."""
    path = str(meta.get("PATH_INFO", ""))
    if "HTTP_COOKIE" in meta or "HTTP_X_TOKEN_TRANSPORT" in meta:
        return False
    return path.startswith(_APP_PATHS) and path.endswith(("/", ".json"))


class _PagesOnly:
    """`FrontMiddleware` has set `request.is_app_call`. `beyond` is what comes after all of these layers, which lie on each other:
    an app's call passes them in one step. Django copies it to the function that it wraps around each layer."""

    get_response: Any

    def __init__(self, get_response: Any, *arguments: Any, **options: Any) -> None:
        super().__init__(get_response, *arguments, **options)  # type: ignore[call-arg]
        self.beyond = getattr(get_response, "beyond", get_response)

    def __call__(self, request: HttpRequest) -> Any:
        if request.is_app_call:  # type: ignore[attr-defined]
            return self.beyond(request)
        return super().__call__(request)  # type: ignore[misc]


class StaticFiles(_PagesOnly, WhiteNoiseMiddleware):
    pass


class Languages(_PagesOnly, LanguageMiddleware):
    pass


class Common(_PagesOnly, CommonMiddleware):
    """Leads the reader of a page to the path with its slash. What is posted to the other one is answered 404: a redirect would
    lose it, and Django's own answer while `DEBUG` is on is a 500. Apps are answered by `errors.nothing_here`."""

    def process_request(self, request: HttpRequest) -> Any:
        if request.method not in _SAFE and super().should_redirect_with_slash(request):
            return answer(request, 404, detail="There is nothing here. The path ends with a slash.")
        return super().process_request(request)

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return request.method in _SAFE and super().should_redirect_with_slash(request)


class Csrf(_PagesOnly, CsrfViewMiddleware):
    """Views that are not exempt are still checked: `process_view` is not passed by."""


class Cookies(_PagesOnly, CookieMiddleware):
    pass


class Messages(_PagesOnly, MessageMiddleware):
    pass
