"""DRF authentication by `Authorization: Bearer` (RFC 6750 §2.1), or `DPoP` (RFC 9449 §7.1) for a token bound to a key.

No query for a bearer token: it says who it is. The proof beside a bound one is used up, which is one row (SECURITY D-04).
"""

from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from accounts.core import metrics
from accounts.core.errors import InvalidDpopProof, TokenInvalid
from accounts.users.models import User

from . import access, dpop
from .access import AccessToken

_BEARER, _DPOP = "bearer", "dpop"
OFFER = f'Bearer realm="api", DPoP {dpop.offer()}'


class BearerAuthentication(JWTAuthentication):
    """`request.user` is a real `User` with deferred fields, `request.auth` the verified token."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        header = request._request.META.get("HTTP_AUTHORIZATION", "")
        if header[:6].lower() == _BEARER:
            token = self.get_validated_token(_behind(header[6:]))
            if token.grant.jkt:
                raise _unproven()
        elif header[:4].lower() == _DPOP:
            token = self._proven(_behind(header[4:]), dpop.shown(request._request))
        else:
            return None
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
        return OFFER

    def _proven(self, raw_token: str, shown: dpop.Shown) -> AccessToken:
        """Raises `InvalidDpopProof` and `UseDpopNonce` too, and `TokenInvalid` for a token that is bound to no key (§7.1)."""
        token = self.get_validated_token(raw_token)
        try:
            if not token.grant.jkt:
                raise TokenInvalid("not bound to a key")
            dpop.require(token.grant.jkt, shown, access_token=raw_token)
        except (TokenInvalid, InvalidDpopProof) as error:
            metrics.refusals.labels(error.code).inc()
            raise
        return token


def _behind(rest: str) -> str:
    """What follows the scheme and one space; nothing for a longer word."""
    return rest[1:] if rest[:1] == " " else ""


def _unproven() -> TokenInvalid:
    """A bound token that came as a bearer token: whoever sent it need not hold the key (SECURITY D-01)."""
    metrics.refusals.labels(TokenInvalid.code).inc()
    challenge = dpop.challenge("invalid_token", TokenInvalid.detail)
    return TokenInvalid("bound to a key", headers={"WWW-Authenticate": challenge})
