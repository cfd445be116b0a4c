"""POST /auth/token/refresh/: rotate a refresh token, or renew the browser's cookie."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser.authentication import enforce_csrf
from accounts.browser.renewal import renew
from accounts.core.dispatch import LeanView
from accounts.core.errors import InvalidInput
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.devices.models import Device
from accounts.signin import transport
from accounts.signin.serializers import DPOP, REFRESHED, TokenPairSerializer, TokenRefreshSerializer
from accounts.tokens import dpop, refresh

LONGEST_RETRY_KEY = 128
# One for all requests: checking leaves nothing in it, and making its fields anew costs as much as signing the token.
_SHAPE = TokenRefreshSerializer()


class TokenRefreshView(LeanView):
    """The answer says in `X-Refresh` what happened: `rotated`, `raced` or `rescued`."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_refresh",
        tags=["Sign-in"],
        parameters=[
            *DPOP,
            OpenApiParameter("Idempotency-Key", location="header", description="16 random bytes made before the first try."),
            REFRESHED,
        ],
        request=TokenRefreshSerializer,
        responses={200: TokenPairSerializer, **refusals(400, 401, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = _SHAPE.run_validation(request.data)
        if transport.chosen(request) == Device.Transport.COOKIE:
            return self._renew_cookie(request)
        if not asked["refresh"]:
            raise InvalidInput("refresh", "required", "This field is required.")
        rotation = refresh.rotate(
            asked["refresh"],
            retry_key=retry_key(request),
            scope=asked["scope"],
            source=source(request._request),
            shown=dpop.shown(request._request),
        )
        response = transport.answer(request, rotation.admission, rotation.device, scope=rotation.scope)
        response["X-Refresh"] = rotation.outcome.value
        return response

    def _renew_cookie(self, request: Request) -> Response:
        enforce_csrf(request._request)
        admission, device = renew(request._request)
        response = transport.answer(request, admission, device)
        response["X-Refresh"] = refresh.Outcome.ROTATED.value
        return response


def retry_key(request: Request) -> str:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_RETRY_KEY:
        raise InvalidInput("Idempotency-Key", "too_long", f"Use at most {LONGEST_RETRY_KEY} characters.")
    return key
