"""POST /auth/passkeys/authenticate/options/ and …/authenticate/: sign in with a passkey."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.passkeys import authentication
from accounts.passwords import throttle
from accounts.signin import evidence, transport
from accounts.signin.complete import complete
from accounts.signin.serializers import (
    DPOP,
    PasskeyAnswerSerializer,
    PasskeyOptionsSerializer,
    PasskeyOptionsWantedSerializer,
    TokenPairSerializer,
)
from accounts.users.models import User


class PasskeyOptionsView(LeanView):
    """What `navigator.credentials.get()` wants (Web Authentication §5.5). The answer does not tell who has an account."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="passkey_options",
        tags=["Sign-in"],
        request=PasskeyOptionsWantedSerializer,
        responses={200: PasskeyOptionsSerializer, **refusals(400, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = PasskeyOptionsWantedSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        shown = evidence.in_request(request._request, given.get("device", {}).get("refresh", ""))
        options = authentication.options(given["email"], known_to=shown.user_id if shown else None)
        return Response(options, headers=transport.NO_STORE)


class PasskeyAuthenticateView(LeanView):
    """The browser's or phone's answer, for a token pair."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="passkey_authenticate",
        tags=["Sign-in"],
        parameters=DPOP,
        request=PasskeyAnswerSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = PasskeyAnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, entry = asked.validated_data, transport.entry(request, asked.validated_data)
        proof = authentication.prove(given["challenge"], given["credential"], source=source(request._request))
        admission, device = complete(proof, entry)
        throttle.forgive(User.objects.values_list("email", flat=True).get(id=proof.user_id) or "")
        return transport.answer(request, admission, device)
