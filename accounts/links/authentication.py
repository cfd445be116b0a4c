"""DRF authentication by `?link=`: GET only, on the path the link was made for."""

from dataclasses import dataclass

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.tokens.grant import Grant
from accounts.users.models import User

from . import download


@dataclass(frozen=True, slots=True)
class LinkCredential:
    """What `request.auth` is for a one-use link."""

    grant: Grant


class LinkAuthentication(BaseAuthentication):
    """Other query parameters than `link` belong to the path that was asked for when the link was made."""

    def authenticate(self, request: Request) -> tuple[User, LinkCredential] | None:
        if request.method != "GET" or f"{download.PARAMETER}=" not in request.META.get("QUERY_STRING", ""):
            return None
        query = request._request.GET.copy()
        if download.PARAMETER not in query:
            return None
        token = query.pop(download.PARAMETER)[-1]
        path = request._request.path + (f"?{query.urlencode()}" if query else "")
        grant = download.redeem(str(token), path)
        return grant.user(), LinkCredential(grant)
