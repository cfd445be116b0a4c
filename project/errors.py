"""The framework's own errors in our shape: JSON for apps, a page for people."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

from accounts.browser.languages import PAGES_AMONG_THEM
from accounts.core.errors import Problem, Unavailable
from accounts.oidc.errors import in_words_of_oauth

_TEXTS: dict[int, tuple[str, str]] = {
    400: ("malformed", "The request is malformed."),
    403: ("permission_denied", "You may not do this."),
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This method is not allowed here."),
    413: ("too_large", "The request body is too large."),
    415: ("unsupported_media_type", "This content type or encoding is not supported."),
    500: ("internal_error", "Something went wrong on our side."),
    503: (Unavailable.code, Unavailable.detail),
}


def answer(
    request: HttpRequest, status: int, *, code: str = "", detail: str = "", headers: Mapping[str, str] | None = None, **extra: Any
) -> HttpResponse:
    """An error response in the shape that the asker reads."""
    default_code, default_detail = _TEXTS.get(status, _TEXTS[400])
    body = {"code": code or default_code, "detail": detail or default_detail, **extra}
    if request.path.startswith("/oauth/"):
        body = in_words_of_oauth(body)
    response = _page(request, status, body["code"]) if wants_page(request) else JsonResponse(body, status=status)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


def answer_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The error shape for one of our own refusals."""
    return answer(request, problem.status, code=problem.code, detail=problem.detail, headers=problem.headers, **problem.extra)


def wants_page(request: HttpRequest) -> bool:
    """A browser on one of the pages; apps and everything under /auth/ and /api/ get JSON."""
    if request.path.startswith(("/auth/", "/oauth/", "/.well-known/")) and request.path not in PAGES_AMONG_THEM:
        return False
    return "text/html" in request.META.get("HTTP_ACCEPT", "")


def _page(request: HttpRequest, status: int, code: str) -> HttpResponse:
    name = "403_csrf" if code == "csrf_failed" else str(status if status in {400, 403, 404, 500, 503} else 400)
    # Without the request: an error page must not ask the database who is looking.
    context = {"request_id": getattr(request, "request_id", ""), "code": code}
    return HttpResponse(loader.render_to_string(f"errors/{name}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, 404)


@csrf_exempt
def nothing_here(request: HttpRequest) -> HttpResponse:
    """404 for apps, whatever the method. Whoever left out the slash is told; a redirect would lose what is posted."""
    with_slash = f"{request.path_info}/"
    if request.path_info.endswith("/") or resolve(with_slash).func is nothing_here:
        return answer(request, 404)
    return answer(request, 404, detail="There is nothing here. The path ends with a slash.")


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, 403, code="csrf_failed", detail="The CSRF token is missing or wrong.")
