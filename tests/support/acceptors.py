"""Every place that takes a token, with a genuine one and with the right to sign like the server.

A forgery test asks all of them, and each first and last with the untouched token: without that it would prove nothing.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from accounts.links import download, mailed
from accounts.tokens import access
from accounts.users.models import User

from . import forge
from .acceptor import ALICE, Acceptor, sealed_header
from .acceptors_on_the_way import ON_THE_WAY
from .app import PASSWORD
from .guarded import PATH

__all__ = ["ACCEPTORS", "ALICE", "Acceptor", "Cookie", "Link", "sealed_header"]


class Bearer(Acceptor):
    name, typ = "bearer", "at+jwt"

    def genuine(self) -> str:
        return self.app.access

    def signer(self) -> forge.Signer:
        return forge.our_signer()

    def present(self, token: str) -> HttpResponse:
        return Client().get(PATH, headers={"Authorization": f"Bearer {token}"})

    def assert_says_no_more(self, answer: HttpResponse) -> None:
        assert answer.json() == {"code": "token_invalid", "detail": "The token is not valid."}
        assert 'error="invalid_token"' in answer["WWW-Authenticate"]


class Verify(Bearer):
    name, refusals = "verify", {400, 401}

    def present(self, token: str) -> HttpResponse:
        return Client().post("/auth/token/verify/", {"token": token}, content_type="application/json")

    def assert_says_no_more(self, answer: HttpResponse) -> None:
        """400 is for what no string of ours could be: nothing, or a NUL."""
        if answer.status_code == 401:
            super().assert_says_no_more(answer)
        else:
            assert answer.json()["errors"]["token"][0]["code"] in {"blank", "null_characters_not_allowed"}


class Cookie(Acceptor):
    name, typ, trims = "cookie", "sso+jwt", True

    def genuine(self) -> str:
        body = {"email": ALICE, "password": PASSWORD}
        headers = {"X-Token-Transport": "cookie"}
        answer = Client().post("/auth/token/", body, content_type="application/json", headers=headers)
        return str(answer.cookies[settings.COOKIE_NAME].value)

    def present(self, token: str) -> HttpResponse:
        return Client().get(PATH, headers={"Cookie": f"{settings.COOKIE_NAME}={token}"})


class Link(Acceptor):
    """One use each: `genuine` makes a new one every time."""

    name, typ = "link", "link+jwt"

    def genuine(self) -> str:
        return download.url(access.verify(self.app.access).grant, PATH).partition("link=")[2]

    def present(self, token: str) -> HttpResponse:
        return Client().get(f"{PATH}?{urlencode({'link': token})}")


class Mailed(Acceptor):
    """The page behind a mailed link; looking does not use it."""

    name, typ, refusals = "mailed", "mail-link+jwt", {400}

    def genuine(self) -> str:
        alice = User.objects.get(email=ALICE)
        return mailed.url(mailed.MailedAct.SET_PASSWORD, alice).partition("token=")[2]

    def present(self, token: str) -> HttpResponse:
        return Client().get(f"/account/reset/?{urlencode({'token': token})}")


ACCEPTORS: dict[str, type[Acceptor]] = {kind.name: kind for kind in (Bearer, Verify, Cookie, Link, Mailed, *ON_THE_WAY)}
