"""What the holder of a token may do with it, route by route."""

from typing import Any

from rest_framework import serializers

from accounts.core.shapes import StrictNamesField
from accounts.tokens.grant import Grant
from api import permissions, routes


class RouteSerializer(serializers.Serializer[Any]):
    path = serializers.CharField()
    method = serializers.CharField()
    scope = serializers.CharField(allow_null=True)
    permission = serializers.CharField(help_text="Django permission; empty when the scope is enough.")
    rows = serializers.CharField(help_text="Which objects.")
    fresh = serializers.BooleanField(help_text="Wants a recent proof (RFC 9470).")
    fresh_for = serializers.CharField(help_text="Which cases want one, when not all do.")


class AccessSerializer(serializers.Serializer[Any]):
    """The credential, and what it opens."""

    credential = serializers.ChoiceField(choices=["bearer", "cookie", "link"])
    scope = serializers.CharField()
    roles = StrictNamesField()
    superuser = serializers.BooleanField()
    acr = serializers.CharField()
    auth_time = serializers.IntegerField(help_text="Unix seconds of the last proof.")
    expires_at = serializers.IntegerField(help_text="Unix seconds.")
    routes = RouteSerializer(many=True)


def describe(grant: Grant, user: Any) -> dict[str, Any]:
    """`GET /api/v1/me/access/`. Objects that the rows leave out are still 404."""
    return {
        "credential": grant.kind.value,
        "scope": " ".join(sorted(grant.scopes)),
        "roles": list(grant.authority.roles),
        "superuser": grant.superuser,
        "acr": grant.acr,
        "auth_time": grant.auth_time,
        "expires_at": grant.expires_at,
        "routes": [
            {
                "path": route.path,
                "method": route.method,
                "scope": route.rule.scope,
                "permission": route.rule.permission,
                "rows": route.rule.rows,
                "fresh": route.rule.fresh,
                "fresh_for": route.rule.fresh_for,
            }
            for route in routes.guarded()
            if route.rule is not None and permissions.allows(route.rule, grant, user)
        ],
    }
