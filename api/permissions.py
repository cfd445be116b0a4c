"""The permission class of every API view: look up the rule, deny what has none."""

from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.core.errors import Forbidden
from accounts.tokens.grant import Grant
from accounts.tokens.permissions import grant_of, require_fresh, require_scopes

from . import access_rules
from .access_rules import Rule


class AccessRule(BasePermission):
    """Credential kind, then scope, then permission, then freshness; rows are the queryset's business."""

    def has_permission(self, request: Request, view: Any) -> bool:
        grant = grant_of(request)
        if grant is None:
            return False
        # A view that is not ours has neither, so it has no rule.
        action = getattr(view, "action", None)
        if action == "":
            raise MethodNotAllowed(request.method or "")
        rule = access_rules.find(getattr(view, "resource", ""), action)
        if rule is None:
            raise Forbidden("no rule allows this")
        require(rule, grant, request.user)
        if rule.fresh:
            require_fresh(grant)
        return True


def require(rule: Rule, grant: Grant, user: Any) -> None:
    """Everything but freshness. Raises `Forbidden` or `InsufficientScope`."""
    if grant.kind not in rule.credentials:
        raise Forbidden(f"not with a {grant.kind}")
    if rule.scope is not None:
        require_scopes(grant, rule.scope)
    if rule.permission and not user.has_perm(rule.permission):
        raise Forbidden(rule.permission)


def allows(rule: Rule, grant: Grant, user: Any) -> bool:
    """Whether this credential may do it, now or after a fresh proof."""
    try:
        require(rule, grant, user)
    except Forbidden:
        return False
    return True
