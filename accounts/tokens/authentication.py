"""DRF authentication by `Authorization: Bearer` (RFC 6750 §2.1). No query: the token says who it is."""

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.core import metrics
from accounts.core.errors import TokenInvalid
from accounts.users.models import User

from . import access
from .access import AccessToken

_SCHEME = "bearer"


class BearerAuthentication(JWTAuthentication):
    """`request.user` is a real `User` with deferred fields, `request.auth` the verified token."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        header = request._request.META.get("HTTP_AUTHORIZATION", "")
        if header[:6].lower() != _SCHEME:
            return None
        token = self.get_validated_token(header[7:] if header[6:7] == " " else "")
        return token.grant.user(), token

    def get_validated_token(self, raw_token: str | bytes) -> AccessToken:
        """Raises `TokenInvalid` and its kin. Two headers arrive joined by a comma, which
        no token contains (SECURITY J-22)."""
        try:
            return access.verify(raw_token.decode("latin-1") if isinstance(raw_token, bytes) else raw_token)
        except TokenInvalid as error:
            metrics.refusals.labels(error.code).inc()
            raise

    def get_user(self, validated_token: AccessToken) -> User:
        return validated_token.grant.user()

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'
