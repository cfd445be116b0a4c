"""Beside the sign-in itself: the nonce that an app asks for before it, and what issuers tell us after it."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.core.errors import NotFound
from accounts.core.requests import source
from accounts.core.shapes import NothingSerializer, refusals

from . import nonces, notices, providers
from .parsers import SecurityEventParser
from .serializers import NonceSerializer, NoticeRefusedSerializer, NoticeSerializer


class NonceView(APIView):
    """POST /auth/federated/{provider}/nonce/"""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="federated_nonce",
        tags=["Sign-in"],
        request=NothingSerializer,
        responses={200: NonceSerializer, **refusals(404)},
    )
    def post(self, request: Request, provider: str) -> Response:
        """A nonce for one sign-in with this provider: the ID token must carry it, or its SHA-256."""
        known = providers.get(provider)
        NothingSerializer(data=request.data).is_valid(raise_exception=True)
        body = {"nonce": nonces.make(known), "expires_in": nonces.LIFETIME}
        return Response(body, headers={"Cache-Control": "no-store"})


class NoticeView(APIView):
    """POST /auth/federated/{provider}/notices/"""

    authentication_classes = ()
    permission_classes = ()
    parser_classes: Any = (*APIView.parser_classes, SecurityEventParser)

    @extend_schema(
        operation_id="federated_notice",
        tags=["Sign-in"],
        request={"application/json": NoticeSerializer, SecurityEventParser.media_type: OpenApiTypes.STR},
        responses={
            200: OpenApiResponse(description="Taken note of, for Apple."),
            202: OpenApiResponse(description="Taken note of (RFC 8935 §2.2)."),
            400: NoticeRefusedSerializer,
            **refusals(404, 503),
        },
    )
    def post(self, request: Request, provider: str) -> Response:
        """For Apple's and Google's servers: consent withdrawn, account gone or taken over."""
        known = providers.get(provider)
        if not known.notices:
            raise NotFound("no notices")
        asked = NoticeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        notices.receive(known, asked.validated_data["payload"], source=source(request._request))
        # Apple repeats what is not answered by 200.
        return Response(status=200 if known.notices == providers.APPLE else 202)

    def handle_exception(self, exc: Exception) -> Response:
        """RFC 8935 §2.3: whatever is wrong with the notice is told in its words too, and in which language."""
        response = super().handle_exception(exc)
        if response.status_code == 400:
            response.data = {"err": "invalid_request", "description": response.data["detail"], **response.data}
            response["Content-Language"] = "en"
        return response
