"""POST /auth/code/ and /auth/code/verify/: sign in by a code in a mail."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.signin import evidence, mailed_code, transport
from accounts.signin.complete import complete
from accounts.signin.serializers import DPOP, CodeAskedSerializer, CodeAskSerializer, CodeVerifySerializer, TokenPairSerializer


class CodeView(LeanView):
    """Mail a code, if the address has an account that may sign in so. The answer does not tell."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="code_ask",
        tags=["Sign-in"],
        request=CodeAskSerializer,
        responses={202: CodeAskedSerializer, **refusals(400, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = CodeAskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        known = evidence.in_request(request._request, given.get("device", {}).get("refresh", ""))
        challenge = mailed_code.ask(given["email"], evidence=known, source=source(request._request))
        return Response(CodeAskedSerializer(challenge).data, status=202, headers=transport.NO_STORE)


class CodeVerifyView(LeanView):
    """The code, for a token pair. It proves a mailbox and no more: `acr` is `email`."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="code_verify",
        tags=["Sign-in"],
        parameters=DPOP,
        request=CodeVerifySerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = CodeVerifySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, entry = asked.validated_data, transport.entry(request, asked.validated_data)
        proof = mailed_code.prove(given["challenge"], given["code"], evidence=entry.evidence, source=entry.source)
        return transport.answer(request, *complete(proof, entry))
