"""Every place that takes a token, with a genuine one and with the right to sign like the server.

A forgery test asks all of them, and each first and last with the untouched token: without that it would prove nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from accounts.core import secrets
from accounts.links import download, mailed
from accounts.tokens import access
from accounts.users.models import User

from . import forge
from .app import PASSWORD, App
from .forge import Part
from .guarded import PATH


@dataclass
class Acceptor:
    """`app` is Alice's. `refusals` are the statuses by which this place says no."""

    app: App
    name: ClassVar[str]
    typ: ClassVar[str]
    refusals: ClassVar[set[int]] = {401}

    def genuine(self) -> str:
        raise NotImplementedError

    def present(self, token: str) -> HttpResponse:
        raise NotImplementedError

    def signed(self, header: Part | None = None, claims: Part | None = None) -> str:
        """Made by the server's own key; what is left out is as in the genuine token."""
        own_header, own_claims, _ = forge.opened(self.genuine())
        return forge.signed(own_header if header is None else header, own_claims if claims is None else claims, self.signer())

    def signer(self) -> forge.Signer:
        return forge.sealer(self.typ)

    def takes(self, token: str) -> bool:
        return self.present(token).status_code == 200

    def assert_takes_genuine(self) -> None:
        answer = self.present(self.genuine())
        assert answer.status_code == 200, answer.content

    def assert_refuses(self, forgeries: Iterable[str] | Mapping[str, str]) -> None:
        """Each of them, between two controls; a mapping gives them names. What we sign by hand is taken too, as it is."""
        self.assert_takes_genuine()
        assert self.takes(self.signed())
        named = dict(forgeries) if isinstance(forgeries, Mapping) else {token: token for token in forgeries}
        assert named
        for name, token in named.items():
            answer = self.present(token)
            assert answer.status_code in self.refusals, (answer.status_code, name[:200])
            self.assert_says_no_more(answer)
        self.assert_takes_genuine()

    def assert_says_no_more(self, answer: HttpResponse) -> None:
        """The refusal tells nothing of its cause."""


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
    name, typ = "cookie", "sso+jwt"

    def genuine(self) -> str:
        body = {"email": "alice@example.com", "password": PASSWORD}
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
        alice = User.objects.get(email="alice@example.com")
        return mailed.url(mailed.MailedAct.SET_PASSWORD, alice).partition("token=")[2]

    def present(self, token: str) -> HttpResponse:
        return Client().get(f"/account/reset/?{urlencode({'token': token})}")


ACCEPTORS: dict[str, type[Acceptor]] = {kind.name: kind for kind in (Bearer, Verify, Cookie, Link, Mailed)}


def sealed_header(typ: str) -> dict[str, str]:
    return {"alg": "HS256", "kid": secrets.primary_key_id(), "typ": typ}
