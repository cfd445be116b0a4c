"""POST /auth/token/: sign in by password."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.core.errors import InvalidInput
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.devices.registry import Description
from accounts.signin import evidence, password, transport
from accounts.signin.complete import complete
from accounts.signin.serializers import TokenObtainSerializer, TokenPairSerializer
from accounts.tokens import scopes


class TokenObtainView(APIView):
    """E-mail address and password for a token pair."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_obtain",
        tags=["Sign-in"],
        request=TokenObtainSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = TokenObtainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        device = fields.get("device", {})
        if fields["audience"] not in {"", settings.API_AUDIENCE}:
            raise InvalidInput("audience", "invalid_target", "This audience is not known.")
        scope = scopes.requested(fields["scope"])
        chosen = transport.chosen(request)
        where = source(request._request)
        known = evidence.in_request(request._request, device.get("refresh", ""))
        proof = password.prove(fields["email"], fields["password"], evidence=known, source=where)
        description = Description(device.get("name", ""), device.get("platform", ""))
        admission, signed_in = complete(proof, scope=scope, transport=chosen, description=description, source=where)
        return transport.answer(request, admission, signed_in)
