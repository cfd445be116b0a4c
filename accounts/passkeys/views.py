"""What apps and browsers look for under /.well-known/ before they offer a passkey of ours elsewhere."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from accounts.core.errors import NotFound

from . import relying_party

_CACHEABLE = "public, max-age=3600"


@require_safe
def apple_app_site_association(request: HttpRequest) -> JsonResponse:
    return _document(relying_party.apple_apps())


@require_safe
def asset_links(request: HttpRequest) -> JsonResponse:
    """Digital Asset Links of the Android apps."""
    return _document(relying_party.android_apps())


@require_safe
def related_origins(request: HttpRequest) -> JsonResponse:
    """Web Authentication §5.11."""
    origins = relying_party.related_origins()
    return _document({"origins": origins} if origins else {})


def _document(content: Any) -> JsonResponse:
    """Raises `NotFound` for one that says nothing."""
    if not content:
        raise NotFound("not configured")
    response = JsonResponse(content, safe=False)
    response["Cache-Control"] = _CACHEABLE
    return response
