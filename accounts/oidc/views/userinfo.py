"""GET and POST /oauth/userinfo (OpenID Connect Core §5.3.1), by `Authorization: Bearer`, or `DPoP` for a bound token.

With `BEARER_IN_BODY` by `access_token` in a posted form, too.
"""

from django.conf import settings
from django.http import HttpRequest
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.core.dispatch import LeanView
from accounts.core.requests import source
from accounts.core.shapes import refusals
from accounts.oidc import cross_origin, parameters, userinfo
from accounts.oidc.endpoint import NO_STORE
from accounts.oidc.errors import InvalidRequest, in_words_of_oauth
from accounts.oidc.models import Client
from accounts.oidc.serializers import OAuthErrorSerializer, UserinfoSerializer
from accounts.tokens import dpop
from accounts.tokens.authentication import OFFER

_ANSWERS = {200: UserinfoSerializer, 400: OAuthErrorSerializer, **refusals(401, 403, 503)}


class UserinfoView(LeanView):
    authentication_classes = ()
    permission_classes = ()
    client: Client | None = None

    @extend_schema(operation_id="oauth_userinfo", tags=["OpenID Connect"], responses=_ANSWERS)
    def get(self, request: Request) -> Response:
        """What the person allowed this client to know."""
        return self._answer(request)

    @extend_schema(operation_id="oauth_userinfo_post", tags=["OpenID Connect"], request=None, responses=_ANSWERS)
    def post(self, request: Request) -> Response:
        """As GET."""
        return self._answer(request)

    def get_authenticate_header(self, request: Request) -> str:
        """For somebody who showed nothing (RFC 6750 §3, RFC 9449 §7.1)."""
        return OFFER

    def _answer(self, request: Request) -> Response:
        scheme, token = _shown(request._request)
        shown, whence = dpop.shown(request._request), source(request._request)
        found, self.client = userinfo.told(token, scheme=scheme, shown=shown, source=whence)
        return Response(found, headers=NO_STORE)

    def handle_exception(self, exc: Exception) -> Response:
        refused = super().handle_exception(exc)
        refused.data = in_words_of_oauth(refused.data)
        return refused

    def finalize_response(self, request: Request, response: Response, *args: object, **kwargs: object) -> Response:
        answer = super().finalize_response(request, response, *args, **kwargs)
        is_refusal = answer.status_code >= 400
        readable = cross_origin.OF_REFUSAL if is_refusal else cross_origin.headers(request._request, self.client)
        for name, value in readable.items():
            answer[name] = value
        return answer


def _shown(request: HttpRequest) -> tuple[str, str]:
    """The scheme and the token. Raises `NotAuthenticated`, and `InvalidRequest` for two."""
    header, in_form = request.headers.get("Authorization", ""), _in_form(request)
    if header and in_form:
        raise InvalidRequest("two tokens")
    scheme, _, token = header.partition(" ")
    if not in_form and scheme.lower() not in {"bearer", "dpop"}:
        raise NotAuthenticated
    return ("bearer", in_form) if in_form else (scheme.lower(), token)


def _in_form(request: HttpRequest) -> str:
    """The token of RFC 6750 §2.2; empty without one. Raises `InvalidRequest` for two."""
    is_form = request.method == "POST" and request.content_type == "application/x-www-form-urlencoded"
    if not settings.BEARER_IN_BODY or not is_form:
        return ""
    return parameters.read(request.POST).get("access_token", "")
