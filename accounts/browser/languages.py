"""Which language a page is in: its reader's own, else what a client or the browser asks for, else the server's."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from accounts.users.languages import spoken

from . import cookies

_ENGLISH = ("/admin/", "/api/", "/auth/", "/oauth/", "/.well-known/")
PAGES_AMONG_THEM = ("/oauth/authorize", "/oauth/logout")


class LanguageMiddleware:
    """Whatever is activated here or by a view ends with the answer. The admin and everything for apps stay English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(_ENGLISH) and request.path not in PAGES_AMONG_THEM:
            return self.get_response(request)
        with translation.override(_of(request), deactivate=True):
            response = self.get_response(request)
            if response.headers.get("Content-Type", "").startswith("text/html"):
                patch_vary_headers(response, ("Accept-Language", "Cookie"))
                response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        return response


def asked_for(request: HttpRequest) -> str:
    """The first of ours in `Accept-Language` (RFC 9110 §12.5.4); empty when there is none."""
    asked = parse_accept_lang_header(request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower())
    return next((language for tag, weight in asked if weight and tag != "*" and (language := spoken(tag))), "")


def wished_for(ui_locales: str) -> str:
    """The first of ours that a client asks for (OpenID Connect Core §3.1.2.1); empty when there is none."""
    return next((language for tag in ui_locales.split()[:20] if (language := spoken(tag))), "")


def speak(own: str) -> None:
    """From here on the page is in the language that its reader's row names, if that is one of ours."""
    if language := spoken(own):
        translation.activate(language)


def _of(request: HttpRequest) -> str:
    """Without the database: the sign-in cookie carries its owner's language, and one that ran out still tells it."""
    claims = cookies.read_sign_in(request)
    own = spoken(str(claims.get("language", ""))) if claims else ""
    return own or wished_for(request.GET.get("ui_locales", "")) or asked_for(request) or settings.LANGUAGE_CODE
