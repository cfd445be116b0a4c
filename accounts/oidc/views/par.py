"""POST /oauth/par (RFC 9126)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.oidc import pushed
from accounts.oidc.endpoint import ClientEndpoint
from accounts.oidc.serializers import OAuthErrorSerializer, PushedRequestSerializer, PushedSerializer
from accounts.tokens import dpop


class PushView(ClientEndpoint):
    @extend_schema(
        operation_id="oauth_par",
        tags=["OpenID Connect"],
        request={"application/x-www-form-urlencoded": PushedRequestSerializer},
        responses={201: PushedSerializer, 400: OAuthErrorSerializer, 401: OAuthErrorSerializer, **refusals(429, 503)},
    )
    def post(self, request: Request) -> Response:
        """An authorization request, told beforehand. The browser is then sent with `client_id` and `request_uri` alone. With a
        `DPoP` header the code will be bound to its key."""
        request_uri = pushed.push(self.client, self.given, dpop.shown(request._request), source=source(request._request))
        return Response({"request_uri": request_uri, "expires_in": pushed.LIFETIME}, status=201)
