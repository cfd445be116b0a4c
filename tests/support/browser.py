"""A browser as the tests play it: keeps cookies, fills in the CSRF field, and is refused where a browser would be."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.db.models import Model
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from .app import PASSWORD

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer
else:
    from django.http import HttpResponse as Answer

__all__ = ["Answer", "Browser", "paths", "rows"]


@dataclass
class Browser:
    """`enforce_csrf_checks`, unlike Django's test client by default."""

    http: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True, headers={"Accept": "text/html"}))

    def sign_in(self, email: str, password: str = PASSWORD, target: str = "") -> Answer:
        self.get("/account/sign-in/")
        return self.post("/account/sign-in/", {"email": email, "password": password, "next": target})

    def get(self, path: str, **headers: str) -> Answer:
        return self.http.get(path, headers=_named(headers))

    def post(self, path: str, fields: dict[str, Any] | None = None, **headers: str) -> Answer:
        """A form of a page of ours: it carries the CSRF field."""
        return self.http.post(path, {"csrfmiddlewaretoken": self.csrf, **(fields or {})}, headers=_named(headers))

    def forge(self, path: str, **headers: str) -> Answer:
        """A form of somebody else's page: it has no CSRF field."""
        return self.http.post(path, {}, headers=_named(headers))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """JSON, as a script on a page sends it; the caller adds `X_CSRFToken` or leaves it out."""
        return self.http.generic(
            method, path, _json(body), "application/json", headers={"Accept": "application/json", **_named(headers)}
        )

    @property
    def csrf(self) -> str:
        return self.value(settings.CSRF_COOKIE_NAME)

    @property
    def cookie(self) -> str:
        """The sign-in cookie; empty when there is none."""
        return self.value(settings.COOKIE_NAME)

    @cookie.setter
    def cookie(self, value: str) -> None:
        self.http.cookies[settings.COOKIE_NAME] = value

    def value(self, name: str) -> str:
        return self.http.cookies[name].value if name in self.http.cookies else ""


def paths() -> Iterator[str]:
    """Every path of the URLconf, its placeholders filled with values that fit."""
    yield from sorted(set(_paths(get_resolver().url_patterns, "/")))


def _paths(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[str]:
    for entry in patterns:
        path = prefix + _filled(entry)
        if isinstance(entry, URLResolver):
            yield from _paths(entry.url_patterns, path)
        else:
            yield path


def _filled(entry: URLPattern | URLResolver) -> str:
    """A `path()` by its converters; of a `re_path()` the few that Django, DRF and the admin bring."""
    route = str(entry.pattern)
    if isinstance(entry.pattern, RoutePattern):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda found: _VALUES.get(found[1], _UUID), route)
    for regex, value in (*_GROUPS, (r"\A\^|\$\Z|\\Z\Z|/\?\Z|\\(?=[.-])", "")):
        route = re.sub(regex, value, route)
    return route


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    models: list[type[Model]] = apps.get_models()
    return {model._meta.label: model._base_manager.count() for model in models}


_UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
_VALUES = {"int": "1", "slug": "disable", "role": "Editors"}
_GROUPS = (
    (r"^\^\(\?:/\*\)\(\?:\[Aa\].*", "auth/nothing-here/"),
    (r"\(\?P<app_label>[^)]*\)", "accounts"),
    (r"\(\?P<url>\.\*\)", "nothing-here/"),
    (r"\(\?P<format>[^)]*\)", "json"),
    (r"\(\?P<\w+>[^)]*\)", _UUID),
)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _json(body: Any) -> bytes:
    return json.dumps(body if body is not None else {}).encode()
