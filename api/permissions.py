"""The permission class of every API view: look up the rule, deny what has none."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.core.errors import Forbidden
from accounts.tokens.permissions import grant_of, require_fresh, require_scopes

from . import access_rules


class AccessRule(BasePermission):
    """Credential kind, then scope, then permission, then freshness; rows are the queryset's business."""

    def has_permission(self, request: Request, view: Any) -> bool:
        grant = grant_of(request)
        if grant is None:
            return False
        rule = access_rules.find(view.resource, view.action)
        if rule is None or grant.kind not in rule.credentials:
            raise Forbidden("no rule allows this")
        if rule.scope is not None:
            require_scopes(grant, rule.scope)
        if rule.permission and not request.user.has_perm(rule.permission):
            raise Forbidden(rule.permission)
        if rule.fresh:
            require_fresh(grant)
        return True
