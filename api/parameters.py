"""Query parameters: an allow-list for each action; what is not on it is refused (SECURITY B-07)."""

from collections.abc import Iterator
from typing import Any

from rest_framework.request import Request
from rest_framework.settings import api_settings

from accounts.core.errors import InvalidInput
from accounts.links.download import PARAMETER
from accounts.tokens.grant import CredentialKind


def refuse_unknown(request: Request, view: Any) -> None:
    """Raises `InvalidInput` for a parameter that this action does not know. One that comes twice got no further than
    `RefusalMiddleware`."""
    known = set(_known(view))
    for name in request.query_params:
        if name not in known:
            raise InvalidInput(name[:50], "unknown_parameter", "This query parameter is not known.")


def _known(view: Any) -> Iterator[str]:
    yield str(api_settings.URL_FORMAT_OVERRIDE)
    if view.grant.kind is CredentialKind.LINK:
        yield PARAMETER
    if view.action != "list":
        return
    if view.paginator is not None:
        yield view.paginator.cursor_query_param
        yield view.paginator.page_size_query_param
    for backend in view.filter_backends:
        yield from backend().parameters(view)
