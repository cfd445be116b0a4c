"""How the OpenAPI document names the credentials; `ApiConfig.ready` imports this file."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[misc, no-untyped-call, unused-ignore]
    target_class = "accounts.browser.authentication.BearerBesideCookieAuthentication"
    name = ["bearer", "dpop"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        """One or the other: the token says which."""
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, Any]]:
        by_key = "A token whose `token_type` is `DPoP`. Beside it the header `DPoP`, a proof for this very request (RFC 9449)."
        return [
            {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "From `/auth/token/`."},
            {"type": "http", "scheme": "DPoP", "description": by_key},
        ]


class CookieScheme(OpenApiAuthenticationExtension):  # type: ignore[misc, no-untyped-call, unused-ignore]
    target_class = "accounts.browser.authentication.CookieAuthentication"
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        what = "Set by the sign-in page. Everything but GET also needs the CSRF token in `X-CSRFToken`."
        return {"type": "apiKey", "in": "cookie", "name": settings.COOKIE_NAME, "description": what}


class LinkScheme(OpenApiAuthenticationExtension):  # type: ignore[misc, no-untyped-call, unused-ignore]
    target_class = "accounts.links.authentication.LinkAuthentication"
    name = "link"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        what = "From `/api/v1/links/`: one use, one minute, one path."
        return {"type": "apiKey", "in": "query", "name": "link", "description": what}
