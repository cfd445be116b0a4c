"""GET /.well-known/jwks.json (RFC 7517 §5): bytes from memory."""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.core import public_document
from accounts.core.errors import Unavailable
from accounts.revocations import feed

from . import ring


@require_safe
def jwks(request: HttpRequest) -> HttpResponse:
    """The JWK Set with its ETag; 304 for who has it. Raises `Unavailable` in a process that never read the keys."""
    with suppress(Unavailable):
        # A process that serves nothing else must hear of new and pulled keys; without news it serves what it knows.
        feed.bring_up_to_date()
    keys, tag = ring.published()
    max_age = int(settings.JWKS_MAX_AGE.total_seconds())
    return public_document.answer(request, keys, tag, content_type="application/jwk-set+json", max_age=max_age)
