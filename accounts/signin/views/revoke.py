"""POST /auth/token/revoke/: sign a device out with its refresh token (RFC 7009 §2.2: also when it was already dead)."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.browser import cookies
from accounts.browser.authentication import enforce_csrf
from accounts.core.dispatch import LeanView
from accounts.core.errors import InvalidInput
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.devices.models import Device
from accounts.signin import sign_out, transport
from accounts.signin.serializers import TokenRevokeSerializer


class TokenRevokeView(LeanView):
    """204 whatever became of the token before."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_revoke",
        tags=["Sign-in"],
        request=TokenRevokeSerializer,
        responses={204: None, **refusals(400, 403, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = TokenRevokeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        where = source(request._request)
        response = Response(status=204)
        if transport.chosen(request) == Device.Transport.COOKIE:
            enforce_csrf(request._request)
            sign_out.by_cookie(request._request, where)
            cookies.clear_sign_in(response)
        elif token := asked.validated_data["refresh"]:
            sign_out.by_refresh_token(token, where)
        else:
            raise InvalidInput("refresh", "required", "This field is required.")
        return response
