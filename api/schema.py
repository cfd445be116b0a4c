"""OpenAPI 3.1: every operation carries its access rule and the refusals it can meet."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.openapi import AutoSchema

from accounts.core.shapes import ErrorSerializer, OpenSerializer
from accounts.tokens.grant import CredentialKind

from . import access_rules
from .access_rules import Rule
from .viewsets import GuardedViewSet

_LINK_SCHEME = "link"


class Schema(AutoSchema):  # type: ignore[misc, unused-ignore]
    """Names, security and common answers come from the resource and its rule; views declare only what is their own."""

    @property
    def rule(self) -> Rule | None:
        """None for the endpoints that need no token."""
        view = self.view
        return access_rules.find(view.resource, view.action) if isinstance(view, GuardedViewSet) else None

    def get_operation_id(self) -> str:
        view = self.view
        return f"{view.resource}_{view.action}" if isinstance(view, GuardedViewSet) else str(super().get_operation_id())

    def get_tags(self) -> list[str]:
        view = self.view
        return [view.resource.capitalize()] if isinstance(view, GuardedViewSet) else list(super().get_tags())

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Each credential that the rule admits, with the scope it must carry (OpenAPI 3.1: roles of any scheme)."""
        if self.rule is None:
            return list(super().get_auth()) if self.view.authentication_classes else [{}]
        scopes = [str(self.rule.scope)] if self.rule.scope else []
        by_link = CredentialKind.LINK in self.rule.credentials and self.method == "GET"
        return [
            dict.fromkeys(requirement, scopes) for requirement in super().get_auth() if by_link or _LINK_SCHEME not in requirement
        ]

    def get_extensions(self) -> dict[str, Any]:
        rule = self.rule
        if rule is None:
            return dict(super().get_extensions())
        return {
            **super().get_extensions(),
            "x-required-scopes": [str(rule.scope)] if rule.scope else [],
            "x-permission": rule.permission or None,
            "x-rows": rule.rows,
            "x-freshness": _freshness(rule),
            "x-credentials": sorted(rule.credentials),
        }

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        """Nothing beyond what is described: unknown members of a request are refused. Refusals, and OAuth, may say more."""
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        return schema if isinstance(serializer, OpenSerializer) else {**schema, "additionalProperties": False}

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        """Refusals common to every operation join what the view declares; each status says what it means."""
        bodies: dict[str, Any] = super()._get_response_bodies(direction)
        for code in map(str, self._statuses()):
            if code not in bodies:
                bodies[code] = self._get_response_for_code(ErrorSerializer, code, direction=direction)  # type: ignore[no-untyped-call]
        for code, body in bodies.items():
            body["description"] = body["description"] or HTTPStatus(int(code)).phrase
        return dict(sorted(bodies.items()))

    def _get_request_body(self, direction: Any = "request") -> Any:
        """Of a DELETE too, where the view reads one: leaving is confirmed by what is typed."""
        view = self.view
        if self.method != "DELETE" or not isinstance(view, GuardedViewSet) or view.action not in view.inputs:
            return super()._get_request_body(direction)  # type: ignore[no-untyped-call]
        schema, required = self._get_request_for_media_type(self.get_request_serializer(), direction)  # type: ignore[no-untyped-call]
        return {"content": {"application/json": {"schema": schema}}, "required": required}

    def _statuses(self) -> list[int]:
        body = [400, 413, 415] if self.method in {"POST", "PUT", "PATCH"} else []
        guarded = [400, 401, 403] if self.rule else []
        path = [404] if "{" in self.path else []
        return sorted({*body, *guarded, *path, 406, 503})


def _freshness(rule: Rule) -> dict[str, Any] | None:
    if not (rule.fresh or rule.fresh_for):
        return None
    by_factor = access_rules.STRONGEST_FACTOR in rule.fresh_for
    window = settings.FACTOR_FRESHNESS_WINDOW if by_factor else settings.FRESHNESS_WINDOW
    return {"max_age": int(window.total_seconds()), "for": rule.fresh_for or "always"}


def postprocess(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """One place for what the generator cannot know: who we are and where."""
    result["servers"] = [{"url": settings.PUBLIC_URL}]
    result["info"]["license"] = {"name": "MIT", "identifier": "MIT"}
    return result
