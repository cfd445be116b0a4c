"""DRF authentication by the browser's cookie, with Django's CSRF check on every unsafe request."""

from dataclasses import dataclass

from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from accounts.core.errors import AmbiguousCredentials, Problem
from accounts.tokens.access import AccessToken
from accounts.tokens.authentication import BearerAuthentication
from accounts.tokens.grant import Grant
from accounts.users.models import User

from .cookies import read_sign_in
from .middleware import presence_of


@dataclass(frozen=True, slots=True)
class CookieCredential:
    """What `request.auth` is for a browser."""

    grant: Grant


class CsrfFailed(PermissionDenied):
    """403 `csrf_failed`: the cookie came without the token, or from another origin."""

    default_code = "csrf_failed"
    default_detail = "The CSRF token is missing or wrong."


class CookieAuthentication(BaseAuthentication):
    """A missing or stale cookie is anonymous: the permission classes decide what that may do."""

    def authenticate(self, request: Request) -> tuple[User, CookieCredential] | None:
        found = presence_of(request._request)
        if found is None:
            return None
        enforce_csrf(request._request)
        return found.grant.user(), CookieCredential(found.grant)


class BearerBesideCookieAuthentication(BearerAuthentication):
    """The header wins; a live cookie of somebody else beside it is refused (SECURITY J-21), a stale one is anonymous.

    The cookie's own claims decide where they name the same person: whether it still stands for anybody is asked of the others.
    """

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        found = super().authenticate(request)
        if found is not None and "HTTP_COOKIE" in request._request.META:
            claims = read_sign_in(request._request)
            if claims is not None and claims["sub"] != found[1].grant.sub and presence_of(request._request) is not None:
                raise AmbiguousCredentials
        return found


def enforce_csrf(request: HttpRequest) -> None:
    """Raises `CsrfFailed`. DRF's views are exempt from the middleware, so the check is made here."""
    check = CSRFCheck(lambda _: None)  # type: ignore[arg-type]
    check.process_request(request)
    if reason := check.process_view(request, None, (), {}):  # type: ignore[arg-type]
        raise CsrfFailed(detail=CsrfFailed.default_detail) from Problem(str(reason))
