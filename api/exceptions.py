"""One error shape for every cause: `{"code", "detail"}`, and `errors` by field on 400."""

import logging
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    ValidationError,
)
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.response import Response

from accounts.core.errors import InvalidDpopProof, Problem, TokenInvalid, Unavailable
from accounts.tokens import dpop

logger = logging.getLogger("signet.api")
INVALID = "invalid"
_CODES = {
    drf.NotAuthenticated: "not_authenticated",
    drf.AuthenticationFailed: "token_invalid",
    drf.PermissionDenied: "permission_denied",
    drf.NotFound: "not_found",
    drf.MethodNotAllowed: "method_not_allowed",
    drf.NotAcceptable: "not_acceptable",
    drf.UnsupportedMediaType: "unsupported_media_type",
    drf.ParseError: "malformed",
    drf.Throttled: "too_many_attempts",
}
_DETAILS = {
    "not_authenticated": "Sign in first.",
    "not_found": "There is nothing here.",
    "permission_denied": "You may not do this.",
}

_MALFORMED = 400, "malformed", "The request is malformed."


def _what_is_missing(context: dict[str, Any]) -> Problem | None:
    """What a permission class left behind: which scope or proof is missing. Nothing where another one of them let the caller in:
    then the view itself refuses, for reasons of its own."""
    request, view = context.get("request"), context.get("view")
    refusal: Problem | None = getattr(request, "refusal", None)
    if refusal is None or view is None or all(one.has_permission(request, view) for one in view.get_permissions()):
        return None
    return refusal


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception hook. None lets Django answer 500."""
    if isinstance(error, drf.PermissionDenied):
        error = _what_is_missing(context) or error
    if isinstance(error, Problem):
        return _in_its_scheme(_problem(error), context.get("request"))
    if isinstance(error, DatabaseError | InterfaceError):
        return _database(error)
    if isinstance(error, drf.ValidationError | ValidationError):
        found = by_field(error.get_full_details()) if isinstance(error, drf.ValidationError) else django_errors(error)
        return _answer(400, INVALID, "Some fields are not valid.", errors=found)
    if isinstance(error, drf.APIException):
        return _drf(error)
    plain = _django(error)
    return _answer(*plain) if plain else None


def _database(error: Exception) -> Response | None:
    """503: wait and retry. A broken constraint is a bug of ours, and stays 500. A value that no column takes is no better at the
    next try: 400, and to be refused earlier."""
    if isinstance(error, IntegrityError):
        return None
    if isinstance(error, DataError):
        logger.exception("database.value_refused")
        return _answer(*_MALFORMED)
    if isinstance(error, OperationalError | InterfaceError):
        logger.warning("database.unavailable", extra={"error": type(error).__name__})
    else:
        logger.exception("database.error")
    return _problem(Unavailable("database"))


def _problem(error: Problem) -> Response:
    headers = dict(error.headers)
    if error.status == 401 and "WWW-Authenticate" not in headers:
        headers["WWW-Authenticate"] = challenge(error)
    if error.reason:
        logger.info("refused", extra={"code": error.code, "reason": error.reason})
    return Response(error.body(), status=error.status, headers=headers)


def _in_its_scheme(response: Response, request: Any) -> Response:
    """Who showed a token by DPoP is answered in that scheme, whatever was missing (RFC 9449 §7.1, RFC 9470 §3)."""
    shown = request._request.META.get("HTTP_AUTHORIZATION", "") if request else ""
    wanted = response.headers.get("WWW-Authenticate", "")
    if shown[:5].lower() == "dpop " and wanted.startswith("Bearer "):
        response["WWW-Authenticate"] = f"DPoP {wanted.removeprefix('Bearer ')}, {dpop.offer()}"
    return response


def challenge(error: Problem) -> str:
    """RFC 6750 §3: no `error` for somebody who showed nothing."""
    if isinstance(error, InvalidDpopProof):
        return dpop.challenge(error.code, error.detail)
    if isinstance(error, TokenInvalid):
        return f'Bearer realm="api", error="invalid_token", error_description="{error.detail}"'
    return 'Bearer realm="api"'


def _drf(error: drf.APIException) -> Response:
    own_code = getattr(error, "default_code", "error")
    code = _CODES.get(type(error), own_code)
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return _answer(error.status_code, code, _DETAILS.get(code, str(error.detail)), headers=headers)


def _django(error: Exception) -> tuple[int, str, str] | None:
    if isinstance(error, Http404):
        return 404, "not_found", _DETAILS["not_found"]
    if isinstance(error, PermissionDenied):
        return 403, "permission_denied", _DETAILS["permission_denied"]
    if isinstance(error, RequestDataTooBig):
        return 413, "too_large", "The request body is too large."
    if isinstance(error, TooManyFieldsSent | SuspiciousOperation):
        return _MALFORMED
    return None


def _answer(status: int, code: str, detail: str, *, headers: dict[str, str] | None = None, **extra: Any) -> Response:
    return Response({"code": code, "detail": detail, **extra}, status=status, headers=headers)


def by_field(details: Any) -> dict[str, list[dict[str, str]]]:
    """DRF's nested details, flattened to `field` or `field.inner` → list of `{code, detail}`."""
    if not isinstance(details, dict) or "message" in details:
        details = {"non_field_errors": details}
    found: dict[str, list[dict[str, str]]] = {}
    for field, value in details.items():
        _collect(str(field), value, found)
    return found


def _collect(field: str, value: Any, found: dict[str, list[dict[str, str]]]) -> None:
    if isinstance(value, dict) and "message" in value and "code" in value:
        found.setdefault(field, []).append({"code": str(value["code"]), "detail": str(value["message"])})
    elif isinstance(value, dict):
        for inner, nested in value.items():
            _collect(f"{field}.{inner}", nested, found)
    else:
        for item in value:
            _collect(field, item, found)


def django_errors(error: ValidationError, field: str = "non_field_errors") -> dict[str, list[dict[str, str]]]:
    """Django's own validation errors in our shape."""
    if hasattr(error, "error_dict"):
        return {
            name: found for name, inner in error.error_dict.items() for found in django_errors(ValidationError(inner)).values()
        }
    return {field: [{"code": item.code or INVALID, "detail": "; ".join(item.messages)} for item in error.error_list]}
