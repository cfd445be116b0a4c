"""POST /oauth/introspect (RFC 7662)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.shapes import refusals
from accounts.oidc import introspection, last_use
from accounts.oidc.endpoint import ClientEndpoint
from accounts.oidc.errors import InvalidClient
from accounts.oidc.parameters import required
from accounts.oidc.serializers import IntrospectionSerializer, OAuthErrorSerializer, TokenShownSerializer


class IntrospectView(ClientEndpoint):
    @extend_schema(
        operation_id="oauth_introspect",
        tags=["OpenID Connect"],
        request={"application/x-www-form-urlencoded": TokenShownSerializer},
        responses={200: IntrospectionSerializer, 400: OAuthErrorSerializer, 401: OAuthErrorSerializer, **refusals(503)},
    )
    def post(self, request: Request) -> Response:
        """Whether a token is good now; for its client, and for the service that it is for."""
        if self.client.is_public:
            raise InvalidClient("public")
        told = introspection.introspect(self.client, required(self.given, "token"))
        last_use.note(self.client)
        return Response(told)
