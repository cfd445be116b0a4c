"""POST /auth/token/mfa/ and its enrolment: the second step of a sign-in."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.signin import second_factor, transport
from accounts.signin.second_factor import Shown
from accounts.signin.serializers import (
    DPOP,
    EnrolledPairSerializer,
    EnrolmentSerializer,
    MfaAnswerSerializer,
    MfaEnrolConfirmSerializer,
    MfaEnrolSerializer,
    TokenPairSerializer,
)


class MfaView(LeanView):
    """The challenge of `mfa_required` and a second factor, for a token pair."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_mfa",
        tags=["Sign-in"],
        parameters=DPOP,
        request=MfaAnswerSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = MfaAnswerSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        admission, device = second_factor.answer(
            given["challenge"],
            Shown(given["method"], given["code"], given.get("credential")),
            transport=transport.chosen(request),
            source=source(request._request),
            dpop=transport.key(request),
        )
        return transport.answer(request, admission, device, remember=given["remember"])


class MfaEnrolView(LeanView):
    """The challenge of `mfa_enrolment_required`, for the secret of an authenticator app."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_mfa_enrol",
        tags=["Sign-in"],
        request=MfaEnrolSerializer,
        responses={200: EnrolmentSerializer, **refusals(400, 401, 403, 409, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = MfaEnrolSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        enrolment = second_factor.begin_enrolment(
            asked.validated_data["challenge"], transport=transport.chosen(request), source=source(request._request)
        )
        return Response(EnrolmentSerializer(enrolment).data, headers=transport.NO_STORE)


class MfaEnrolConfirmView(LeanView):
    """The first code of the app, for a token pair and the recovery codes."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_mfa_enrol_confirm",
        tags=["Sign-in"],
        parameters=DPOP,
        request=MfaEnrolConfirmSerializer,
        responses={200: EnrolledPairSerializer, **refusals(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = MfaEnrolConfirmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        admission, device, codes = second_factor.finish_enrolment(
            asked.validated_data["challenge"],
            asked.validated_data["code"],
            transport=transport.chosen(request),
            source=source(request._request),
            dpop=transport.key(request),
        )
        response = transport.answer(request, admission, device)
        response.data["recovery_codes"] = codes
        return response
