"""POST /oauth/token (RFC 6749 §3.2)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.oidc import grants, last_use
from accounts.oidc.endpoint import ClientEndpoint
from accounts.oidc.errors import UnauthorizedClient, UnsupportedGrantType
from accounts.oidc.grants.asked import Asked
from accounts.oidc.parameters import require_one_resource, required
from accounts.oidc.serializers import OAuthErrorSerializer, TokenAnswerSerializer, TokenRequestSerializer
from accounts.signin.serializers import DPOP, REFRESHED
from accounts.tokens import dpop

LONGEST_RETRY_KEY = 128


class TokenView(ClientEndpoint):
    @extend_schema(
        operation_id="oauth_token",
        tags=["OpenID Connect"],
        parameters=[*DPOP, REFRESHED],
        request={"application/x-www-form-urlencoded": TokenRequestSerializer},
        responses={200: TokenAnswerSerializer, 400: OAuthErrorSerializer, 401: OAuthErrorSerializer, **refusals(503)},
    )
    def post(self, request: Request) -> Response:
        """Tokens for a code, a refresh token, or the client itself. The client authenticates in the way it is registered for."""
        name = required(self.given, "grant_type")
        if name not in grants.BY_NAME:
            raise UnsupportedGrantType("grant_type")
        if name not in self.client.grants:
            raise UnauthorizedClient(name)
        require_one_resource(self.given)
        retry_key = request.headers.get("Idempotency-Key", "")[:LONGEST_RETRY_KEY]
        asked = Asked(source(request._request), retry_key, dpop.shown(request._request))
        asked.require_proof_of(self.client)
        answer = grants.BY_NAME[name](self.client, self.given, asked)
        last_use.note(self.client)
        return Response(answer, headers=asked.answered)
