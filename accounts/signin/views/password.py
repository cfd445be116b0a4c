"""POST /auth/token/: sign in by password."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.errors import EmailUnverified, InvalidInput
from accounts.core.shapes import refusals
from accounts.signin import password, transport, verification
from accounts.signin.complete import complete
from accounts.signin.serializers import DPOP, TokenObtainSerializer, TokenPairSerializer


class TokenObtainView(LeanView):
    """E-mail address and password for a token pair."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_obtain",
        tags=["Sign-in"],
        parameters=DPOP,
        request=TokenObtainSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = TokenObtainSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        fields = asked.validated_data
        if fields["audience"] not in {"", settings.API_AUDIENCE}:
            raise InvalidInput("audience", "invalid_target", "This audience is not known.")
        entry = transport.entry(request, fields)
        try:
            proof = password.prove(fields["email"], fields["password"], evidence=entry.evidence, source=entry.source)
            return transport.answer(request, *complete(proof, entry))
        except EmailUnverified:
            verification.after_right_credentials(fields["email"], source=entry.source)
            raise
