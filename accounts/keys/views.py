"""GET /.well-known/jwks.json (RFC 7517 §5): bytes from memory."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.views.decorators.http import require_safe

from . import ring


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    keys = ring.current()
    seen = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    response = (
        HttpResponseNotModified() if keys.etag in seen else HttpResponse(keys.jwks, content_type="application/jwk-set+json")
    )
    response["ETag"] = keys.etag
    response["Cache-Control"] = f"public, max-age={int(settings.JWKS_MAX_AGE.total_seconds())}"
    response["Access-Control-Allow-Origin"] = "*"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
