"""What every template may use."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.passkeys import relying_party


def product(request: HttpRequest) -> dict[str, Any]:
    return {
        "product": settings.PRODUCT_NAME,
        "debug": settings.DEBUG,
        "no_passkeys": not relying_party.has_name(),
        "request_id": getattr(request, "request_id", ""),
        "csrf_cookie_name": settings.CSRF_COOKIE_NAME,
        "csrf_header_name": "X-CSRFToken",
    }
