"""POST /auth/step-up/: prove again who you are, for acts that ask for it (RFC 9470)."""

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser.authentication import BearerBesideCookieAuthentication, CookieAuthentication
from accounts.core.dispatch import LeanView
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.signin import step_up, transport
from accounts.signin.second_factor import Shown
from accounts.signin.serializers import DPOP, SteppedUpSerializer, StepUpMethodsSerializer, StepUpSerializer


class StepUpView(LeanView):
    """The bearer's device, proved anew: its older access tokens are stale afterwards."""

    authentication_classes = (BearerBesideCookieAuthentication, CookieAuthentication)
    permission_classes = (IsAuthenticated,)

    @extend_schema(
        operation_id="step_up_methods",
        tags=["Sign-in"],
        responses={200: StepUpMethodsSerializer, **refusals(401, 503)},
    )
    def get(self, request: Request) -> Response:
        """With what this person may confirm here."""
        device = step_up.live_device(request.auth.grant)  # type: ignore[union-attr]
        return Response({"methods": step_up.methods(device.user, device)}, headers=transport.NO_STORE)

    @extend_schema(
        operation_id="step_up",
        tags=["Sign-in"],
        parameters=DPOP,
        request=StepUpSerializer,
        responses={200: SteppedUpSerializer, **refusals(400, 401, 403, 429, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = StepUpSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        shown = Shown(given["method"], given["password"] or given["code"], given.get("credential"))
        admission, device = step_up.confirm(
            request.auth.grant,  # type: ignore[union-attr]
            shown,
            challenge=given["challenge"],
            source=source(request._request),
        )
        return transport.stepped_up(request, admission, device)
