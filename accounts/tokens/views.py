"""GET /.well-known/revocations: what services must refuse before it runs out, as bytes from memory."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.core import public_document

from . import revocation_document

_MAX_AGE = 1


@require_safe
def revocations(request: HttpRequest) -> HttpResponse:
    """The signed document with its ETag; 304 for who has it. Raises `Unavailable` when this process is behind the news."""
    document = revocation_document.current()
    return public_document.answer(request, document.signed, document.tag, content_type="application/jwt", max_age=_MAX_AGE)
