"""The three documents under /.well-known/ that tell what this server can do. Public and the same for everybody."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from accounts.oidc import cross_origin, discovery

_HEADERS = {"Cache-Control": "public, max-age=300", **cross_origin.FOR_EVERYBODY}


@require_safe
def openid_configuration(request: HttpRequest) -> HttpResponse:
    return _document(discovery.openid_provider())


@require_safe
def authorization_server(request: HttpRequest) -> HttpResponse:
    return _document(discovery.authorization_server())


@require_safe
def protected_resource(request: HttpRequest, inserted: str = "") -> HttpResponse:
    return _document(discovery.protected_resource(inserted))


def _document(told: dict[str, Any]) -> HttpResponse:
    return JsonResponse(told, headers=_HEADERS)
