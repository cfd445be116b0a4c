"""/auth/email/…: verify an address, ask for another code, confirm or undo a change."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser.authentication import BearerBesideCookieAuthentication, CookieAuthentication
from accounts.core.dispatch import LeanView
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.lifecycle import email_change
from accounts.lifecycle.serializers import (
    ByMailSerializer,
    DetailSerializer,
    EmailSerializer,
    UndoSerializer,
    VerifiedPairSerializer,
    VerifyEmailSerializer,
)
from accounts.signin import transport, verification
from accounts.signin.complete import complete
from accounts.signin.serializers import DPOP

_SENT = "If the address is still to be confirmed, a new code is on its way."


class VerifyEmailView(LeanView):
    """The code or the link of the mail, for a token pair. It proves a mailbox: `acr` is `email`."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="email_verify",
        tags=["Joining"],
        parameters=DPOP,
        request=VerifyEmailSerializer,
        responses={200: VerifiedPairSerializer, **refusals(400, 401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = VerifyEmailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, entry = asked.validated_data, transport.entry(request, asked.validated_data)
        handle, where = given["registration"], entry.source
        if given["token"]:
            verified = verification.by_link(given["token"], registration=handle, source=where)
        else:
            verified = verification.by_code(given["email"], given["code"], registration=handle, source=where)
        response = transport.answer(request, *complete(verified.proof, entry))
        response.data["credentials_kept"] = verified.credentials_kept
        return response


class ResendView(LeanView):
    """The same answer for every address."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="email_resend",
        tags=["Joining"],
        request=EmailSerializer,
        responses={202: DetailSerializer, **refusals(400, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = EmailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        verification.resend(asked.validated_data["email"], source=source(request._request))
        return Response({"detail": _SENT}, status=202, headers=transport.NO_STORE)


class EmailChangeConfirmView(LeanView):
    """The new address is the account's from now on. Whoever is signed in confirms their own; a code without a token is good as
    long as nobody else has asked for the same address."""

    authentication_classes = (BearerBesideCookieAuthentication, CookieAuthentication)
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="email_change_confirm",
        tags=["Account"],
        request=ByMailSerializer,
        responses={204: None, **refusals(400, 401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = ByMailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, where = asked.validated_data, source(request._request)
        if given["token"]:
            email_change.confirm_by_link(given["token"], source=where)
        else:
            user_id = request.auth.grant.user_id if request.auth else None  # type: ignore[union-attr]
            email_change.confirm_by_code(given["email"], given["code"], user_id=user_id, source=where)
        return Response(status=204)


class EmailChangeUndoView(LeanView):
    """The old address again; every device ends, and the owner is mailed a link to choose a new password."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="email_change_undo",
        tags=["Account"],
        request=UndoSerializer,
        responses={204: None, **refusals(400, 401, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = UndoSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        email_change.undo(asked.validated_data["token"], source=source(request._request))
        return Response(status=204)
