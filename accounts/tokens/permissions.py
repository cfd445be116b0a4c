"""DRF permission classes answered from the verified credential, composable with `&`, `|` and `~`.

The project's own views take their rules from `api/access_rules.py`; these are for views of yours.
"""

from collections.abc import Callable
from typing import Any, Protocol

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.core.clock import now
from accounts.core.errors import InsufficientScope, InsufficientUserAuthentication, Problem

from .grant import Grant


class Credential(Protocol):
    """What `request.auth` is, whichever way it came."""

    @property
    def grant(self) -> Grant: ...


def grant_of(request: Request) -> Grant | None:
    """The verified grant of an API request; None for an anonymous one."""
    return getattr(request.auth, "grant", None)


class TokenHasScope(BasePermission):
    """`required_scopes` of the view: a list, or a dict from action to list. Nothing declared is nothing allowed."""

    def has_permission(self, request: Request, view: Any) -> bool:
        grant = grant_of(request)
        declared = getattr(view, "required_scopes", None)
        wanted = declared.get(view.action) if isinstance(declared, dict) else declared
        if grant is None or not wanted:
            return False
        return _allows(request, lambda: require_scopes(grant, *wanted))


class IsFresh(BasePermission):
    """The person proved who they are within `FRESHNESS_WINDOW`; otherwise the answer is RFC 9470's."""

    def has_permission(self, request: Request, view: Any) -> bool:
        grant = grant_of(request)
        if grant is None:
            return False
        return _allows(request, lambda: require_fresh(grant))


def _allows(request: Request, require: Callable[[], None]) -> bool:
    """False instead of an error, so that `|` and `~` can go on; the view answers with the error if nothing else allows."""
    try:
        require()
    except Problem as refusal:
        request.refusal = refusal  # type: ignore[attr-defined]
        return False
    return True


def require_scopes(grant: Grant, *wanted: str) -> None:
    """Raises `InsufficientScope` (RFC 6750 §3.1)."""
    if not grant.scopes.issuperset(wanted):
        raise InsufficientScope(" ".join(wanted))


def require_fresh(grant: Grant) -> None:
    """Raises `InsufficientUserAuthentication` (RFC 9470 §3)."""
    if not is_fresh(grant):
        raise InsufficientUserAuthentication(max_age=int(settings.FRESHNESS_WINDOW.total_seconds()))


def is_fresh(grant: Grant) -> bool:
    """The last proof is at most `FRESHNESS_WINDOW` old."""
    return now() - grant.auth_time <= settings.FRESHNESS_WINDOW.total_seconds()
