"""POST /oauth/revoke (RFC 7009)."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.oidc import revocation
from accounts.oidc.endpoint import ClientEndpoint
from accounts.oidc.parameters import required
from accounts.oidc.serializers import OAuthErrorSerializer, TokenShownSerializer


class RevokeView(ClientEndpoint):
    @extend_schema(
        operation_id="oauth_revoke",
        tags=["OpenID Connect"],
        request={"application/x-www-form-urlencoded": TokenShownSerializer},
        responses={
            200: OpenApiResponse(description="Over, whatever it was before."),
            400: OAuthErrorSerializer,
            401: OAuthErrorSerializer,
            **refusals(503),
        },
    )
    def post(self, request: Request) -> Response:
        """Sign the person out of this client: by its refresh token, or by an access token."""
        revocation.revoke(self.client, required(self.given, "token"), source=source(request._request))
        return Response({})
