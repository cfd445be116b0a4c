"""What `OPTIONS` answers: the methods that this very credential may use here, and what each of them wants."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request

from . import access_rules, permissions


class AccessMetadata(BaseMetadata):
    """No fields, no choices: those are in the OpenAPI document, and finding them out would cost queries."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, Any]:
        grant = view.grant
        methods = {method: action for method, action in view.action_map.items() if method != "head"}
        rules = {method: access_rules.find(view.resource, action) for method, action in methods.items()}
        return {
            "name": view.get_view_name(),
            "methods": {
                method.upper(): {"scope": rule.scope, "fresh": rule.fresh}
                for method, rule in rules.items()
                if rule is not None and permissions.allows(rule, grant, request.user)
            },
        }
