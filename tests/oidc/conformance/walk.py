"""A relying party of the suite: it reads its answers in the response mode that it asked for, and trusts nothing it can check."""

import re
import time
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet

from tests.oidc.flow import CONSENT, Flow, address, followed, s256
from tests.oidc.parties import CALLBACK
from tests.oidc.wire import Wire
from tests.support import pages
from tests.support.browser import Answer, Browser

METADATA, KEYS = "/.well-known/openid-configuration", "/.well-known/jwks.json"
NO_CHALLENGE: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
_INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


@dataclass(kw_only=True)
class Walk(Flow):
    """At a running server, whose issuer is its address."""

    http: Wire

    @property
    def issuer(self) -> str:
        return self.http.url

    @property
    def keys(self) -> KeySet:
        """As they are published."""
        return KeySet.import_key_set(self.http.get(KEYS).json())


def answered(flow: Walk, browser: Browser, answer: Answer) -> dict[str, str]:
    """What the client is told, after a yes where one is asked for. `state` and `iss` are always there (RFC 9207)."""
    answer = followed(browser, answer)
    if b'value="allow"' in answer.content:
        answer = browser.post(CONSENT, {"request": pages.hidden(answer, "request"), "choice": "allow"})
    told = _posted(answer) if flow.asked.get("response_mode") == "form_post" else _in_query(answer)
    assert told.pop("state") == flow.parameters["state"]
    assert told.pop("iss") == flow.issuer
    return told


def _in_query(answer: Answer) -> dict[str, str]:
    where = urlsplit(address(answer))
    assert f"{where.scheme}://{where.netloc}{where.path}" == CALLBACK
    assert not where.fragment
    return dict(parse_qsl(where.query, strict_parsing=True))


def _posted(answer: Answer) -> dict[str, str]:
    """By a form, and nothing in the address."""
    page = answer.content.decode()
    assert f'method="post" action="{CALLBACK}"' in page
    return {name: unescape(value) for name, value in _INPUT.findall(page)}


def signed_in_at(flow: Walk, browser: Browser) -> dict[str, Any]:
    """The tokens of a request that goes through."""
    told = answered(flow, browser, flow.begin(browser))
    assert set(told) == {"code"}
    return exchanged(flow, told["code"])


def with_pkce(flow: Walk) -> Walk:
    """What the suite sends in one module alone."""
    flow.asked.update(code_challenge=s256(flow.verifier), code_challenge_method="S256")
    return flow


def exchange(flow: Walk, code: str) -> Any:
    return flow.exchange(code, code_verifier=flow.verifier if "code_challenge" in flow.parameters else None)


def exchanged(flow: Walk, code: str) -> dict[str, Any]:
    answer = exchange(flow, code)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    tokens: dict[str, Any] = answer.json()
    told = jwt.decode(tokens["id_token"], flow.keys, algorithms=["RS256"]).claims
    assert (told["iss"], told["aud"], told.get("nonce")) == (flow.issuer, flow.party.id, flow.parameters.get("nonce"))
    return tokens


def refusal(flow: Walk, browser: Browser) -> str:
    told = answered(flow, browser, flow.begin(browser))
    assert set(told) == {"error", "error_description"}
    return told["error"]


def in_a_later_second(seconds: int = 1) -> None:
    """Times are told in whole seconds."""
    time.sleep(seconds + 0.1)
