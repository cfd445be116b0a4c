"""POST /auth/federated/{provider}/: sign in with an ID token of Google, Apple or another issuer."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.errors import EmailUnverified
from accounts.core.shapes import refusals
from accounts.federation import id_token, providers
from accounts.signin import federated, transport, verification
from accounts.signin.complete import complete
from accounts.signin.serializers import DPOP, FederatedSerializer, TokenPairSerializer


class FederatedView(LeanView):
    """The issuer's ID token, for a token pair. Somebody new gets an account; an address that has one is asked to link."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="federated",
        tags=["Sign-in"],
        parameters=DPOP,
        request=FederatedSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 404, 409, 503)},
    )
    def post(self, request: Request, provider: str) -> Response:
        known = providers.get(provider)
        asked = FederatedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, entry = asked.validated_data, transport.entry(request, asked.validated_data)
        identity = id_token.verify(known, given["id_token"], nonce=given["nonce"])
        proof = federated.prove(identity, name=given["name"], language=given["language"], source=entry.source)
        try:
            return transport.answer(request, *complete(proof, entry))
        except EmailUnverified:
            verification.after_right_credentials(federated.address_of(proof), source=entry.source)
            raise
