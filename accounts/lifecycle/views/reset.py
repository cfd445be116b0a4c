"""POST /auth/password/reset/ and …/confirm/: a forgotten password, and one chosen by a mail of staff."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.refusals import field_errors
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.lifecycle.serializers import DetailSerializer, ResetConfirmSerializer, ResetSerializer
from accounts.signin import evidence, mailed_password, password_reset
from accounts.signin.known_device import KnownDevice
from accounts.signin.transport import NO_STORE

_SENT = "If the address has an account, a code is on its way to it."


class ResetView(LeanView):
    """The same answer for every address."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="password_reset",
        tags=["Joining"],
        request=ResetSerializer,
        responses={202: DetailSerializer, **refusals(400, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = ResetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        password_reset.ask(given["email"], evidence=_known(request, given), source=source(request._request))
        return Response({"detail": _SENT}, status=202, headers=NO_STORE)


class ResetConfirmView(LeanView):
    """The link or the code of a mail: of a reset, an invitation, a mail of staff. Every device ends, and nobody is signed in: a
    second factor is asked for at the next sign-in."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(
        operation_id="password_reset_confirm",
        tags=["Joining"],
        request=ResetConfirmSerializer,
        responses={204: None, **refusals(400, 401, 503)},
    )
    def post(self, request: Request) -> Response:
        asked = ResetConfirmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given, where = asked.validated_data, source(request._request)
        with field_errors("new_password"):
            if given["token"]:
                mailed_password.set_by_link(given["token"], given["new_password"], source=where)
            else:
                known = _known(request, given)
                mailed_password.set_by_code(given["email"], given["code"], given["new_password"], evidence=known, source=where)
        return Response(status=204)


def _known(request: Request, given: Mapping[str, Any]) -> KnownDevice | None:
    return evidence.in_request(request._request, given.get("device", {}).get("refresh", ""))
