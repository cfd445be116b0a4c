"""POST /auth/register/ and sign-up with a passkey alone."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser.languages import asked_for
from accounts.core.dispatch import LeanView
from accounts.core.refusals import field_errors
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.lifecycle import registration
from accounts.lifecycle.serializers import (
    JoiningSerializer,
    PasskeySignUpSerializer,
    RegisteredSerializer,
    RegisterSerializer,
)
from accounts.passkeys import registration as passkeys
from accounts.signin.serializers import PasskeyCreationOptionsSerializer
from accounts.signin.transport import NO_STORE
from accounts.users.email import acceptable

_SENT = "If the address is free, a code is on its way to it."


class RegisterView(LeanView):
    """The same answer for an address that has an account: its owner is told by mail."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="register",
        tags=["Joining"],
        request=RegisterSerializer,
        responses={202: RegisteredSerializer, **refusals(400, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = RegisterSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        with field_errors("email"):
            acceptable(given["email"])
        with field_errors("password"):
            handle = registration.by_password(
                given["email"],
                given["password"],
                name=given["name"],
                language=given["language"] or asked_for(request._request),
                source=source(request._request),
            )
        return Response({"detail": _SENT, "registration": handle}, status=202, headers=NO_STORE)


class PasskeySignUpOptionsView(LeanView):
    """What `navigator.credentials.create()` wants (Web Authentication §5.4)."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="passkey_sign_up_options",
        tags=["Joining"],
        request=JoiningSerializer,
        responses={200: PasskeyCreationOptionsSerializer, **refusals(400, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = JoiningSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        with field_errors("email"):
            address = acceptable(asked.validated_data["email"])
        return Response(passkeys.options_for_new(address, asked.validated_data["name"]), headers=NO_STORE)


class PasskeySignUpView(LeanView):
    """An account without a password. The address is verified by a code before there are tokens."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="passkey_sign_up",
        tags=["Joining"],
        request=PasskeySignUpSerializer,
        responses={202: RegisteredSerializer, **refusals(400, 401, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = PasskeySignUpSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        new = passkeys.verify_new(given["challenge"], given["credential"])
        handle = registration.by_passkey(
            new, language=given["language"] or asked_for(request._request), source=source(request._request)
        )
        return Response({"detail": _SENT, "registration": handle}, status=202, headers=NO_STORE)
