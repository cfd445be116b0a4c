"""POST /auth/token/verify/: is this a live access token of ours?"""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.errors import TokenInvalid
from accounts.core.shapes import refusals
from accounts.signin.serializers import TokenVerifySerializer
from accounts.tokens import access


class TokenVerifyView(LeanView):
    """One answer for every way of not being one."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="token_verify",
        tags=["Sign-in"],
        request=TokenVerifySerializer,
        responses={200: {"type": "object"}, **refusals(400, 401, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = TokenVerifySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        try:
            access.verify(asked.validated_data["token"])
        except TokenInvalid as error:
            raise TokenInvalid(error.reason) from error
        return Response({})
