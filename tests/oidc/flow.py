"""The code flow as a client and its visitor walk it."""

import base64
import hashlib
import re
import secrets
import time
import uuid
from dataclasses import dataclass, field
from html import unescape
from typing import Any, Protocol
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from django.conf import settings
from django.test import Client as Http

from accounts.users.models import User
from tests.oidc.parties import CALLBACK, Party
from tests.support import forge, pages
from tests.support.browser import Answer, Browser

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AUTHORIZE, TOKEN, USERINFO, CONSENT = "/oauth/authorize", "/oauth/token", "/oauth/userinfo", "/account/consent/"


def s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Signing(Protocol):
    """A key of a client, and the name by which it calls its algorithm."""

    @property
    def algorithm(self) -> str: ...

    @property
    def kid(self) -> str: ...

    def sign(self, message: bytes) -> bytes: ...


@dataclass
class Flow:
    """One request of one client. `asked` are the parameters that differ from the usual; None leaves one out."""

    party: Party
    asked: dict[str, str | None] = field(default_factory=dict)
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    http: Http = field(default_factory=Http)

    @property
    def parameters(self) -> dict[str, str]:
        usual: dict[str, str | None] = {
            "client_id": self.party.id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid email",
            "state": "the state",
            "nonce": "the nonce",
            "code_challenge": s256(self.verifier),
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**usual, **self.asked}.items() if value is not None}

    @property
    def path(self) -> str:
        return f"{AUTHORIZE}?{urlencode(self.parameters)}"

    def begin(self, browser: Browser) -> Answer:
        return browser.get(self.path)

    def code(self, browser: Browser) -> str:
        """The visitor is signed in, and says yes where they are asked."""
        return allowed(browser, self.begin(browser))["code"]

    def exchange(self, code: str, **form: str | None) -> Any:
        usual: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.parameters["redirect_uri"],
            "code_verifier": self.verifier,
        }
        return self.token({**usual, **form})

    def refresh(self, refresh_token: str, **form: str | None) -> Any:
        return self.token({"grant_type": "refresh_token", "refresh_token": refresh_token, **form})

    def token(self, form: dict[str, str | None], **headers: str) -> Any:
        return post(self.http, TOKEN, authenticated(self.party, form), **{**basic(self.party), **headers})

    def tokens(self, browser: Browser) -> dict[str, Any]:
        answer = self.exchange(self.code(browser))
        assert answer.status_code == 200, answer.content
        found: dict[str, Any] = answer.json()
        return found


def basic(party: Party) -> dict[str, str]:
    if party.client.authentication != "client_secret_basic":
        return {}
    return {"Authorization": "Basic " + base64.b64encode(f"{party.id}:{party.secret}".encode()).decode()}


def authenticated(party: Party, form: dict[str, str | None]) -> dict[str, str | None]:
    match party.client.authentication:
        case "client_secret_post":
            return {"client_id": party.id, "client_secret": party.secret, **form}
        case "none":
            return {"client_id": party.id, **form}
    return form


def assertion(
    party: Party, key: Signing, *, typ: str | None = "JWT", says_kid: bool = True, **changed: Any
) -> dict[str, str | None]:
    """By which a client proves who it is (RFC 7523 §2.2); None leaves a claim out."""
    current = int(time.time())
    usual = {
        "iss": party.id,
        "sub": party.id,
        "aud": settings.PUBLIC_URL,
        "iat": current,
        "exp": current + 60,
        "jti": uuid.uuid4().hex,
    }
    told = {name: value for name, value in {**usual, **changed}.items() if value is not None}
    head = {"alg": key.algorithm, **({"kid": key.kid} if says_kid else {}), **({"typ": typ} if typ else {})}
    return {"client_assertion_type": ASSERTION, "client_assertion": forge.signed(head, told, key.sign)}


def post(http: Http, path: str, form: dict[str, str | None] | str, **headers: str) -> Any:
    body = form if isinstance(form, str) else urlencode({name: value for name, value in form.items() if value is not None})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return http.post(path, body, content_type="application/x-www-form-urlencoded", headers=named)


def allowed(browser: Browser, answer: Answer) -> dict[str, str]:
    """What the client is sent; the page of consent is answered by yes."""
    answer = followed(browser, answer)
    if b'value="allow"' in answer.content:
        answer = browser.post(CONSENT, {"request": pages.hidden(answer, "request"), "choice": "allow"})
    return sent(answer)


def followed(browser: Browser, answer: Answer) -> Answer:
    """By redirects within this server."""
    while answer.status_code == 303 and answer["Location"].startswith("/"):
        answer = browser.get(answer["Location"])
    return answer


def sent(answer: Answer) -> dict[str, str]:
    """The parameters of the address to which the browser is sent, by redirect or by a page of ours."""
    return dict(parse_qsl(urlsplit(address(answer)).query, keep_blank_values=True))


def address(answer: Answer) -> str:
    if answer.status_code == 303:
        return str(answer["Location"])
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', answer.content.decode())
    assert found, answer.content
    return unescape(found[1])


def claims(token: str) -> dict[str, Any]:
    return forge.opened(token)[1]


def header(token: str) -> dict[str, Any]:
    return forge.opened(token)[0]


def signed_in(user: User) -> Browser:
    return pages.signed_in(user)


def next_of(answer: Answer) -> str:
    return parse_qs(urlsplit(answer["Location"]).query)["next"][0]
