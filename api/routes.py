"""The routes of the guarded API, read from the URLconf itself, so that no list of them can go stale."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404
from rest_framework.views import APIView

from . import access_rules
from .access_rules import Rule
from .viewsets import GuardedViewSet

_CONVERTER = re.compile(r"<(?:[^:>]+:)?([^>]+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path, and the rule that it falls under; None is "denied to everybody"."""

    path: str
    method: str
    resource: str
    action: str
    rule: Rule | None


@cache
def guarded() -> tuple[Route, ...]:
    """Every route of every `GuardedViewSet`, by path and method."""
    found = [route for path, callback in endpoints() for route in _routes(path, callback)]
    return tuple(sorted(found, key=lambda route: (route.path, route.method)))


def endpoints() -> Iterator[tuple[str, Any]]:
    """Path and view of every DRF view in the URLconf, guarded or not."""
    for path, callback in _walk(get_resolver().url_patterns, ""):
        if issubclass(getattr(callback, "cls", object), APIView):
            yield path, callback


def at(path: str, method: str) -> Route | None:
    """The guarded route that would answer `method` on this very path."""
    try:
        callback: Any = resolve(path).func
    except Resolver404:
        return None
    return next((route for route in _routes(path, callback) if route.method == method), None)


def _routes(path: str, callback: Any) -> Iterator[Route]:
    view: Any = getattr(callback, "cls", object)
    if issubclass(view, GuardedViewSet):
        for method, action in callback.actions.items():
            if method != "head":
                yield Route(path, method.upper(), view.resource, action, access_rules.find(view.resource, action))


def _walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        path = prefix + _CONVERTER.sub(r"{\1}", str(pattern.pattern))
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern):
            yield f"/{path}", pattern.callback
