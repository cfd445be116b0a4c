"""oidcc-basic-certification-test-plan, and with form_post that of its name: codes, ID tokens, userinfo, refresh tokens."""

import hashlib
import re
from typing import Any

import pytest

from tests.oidc.conformance.conftest import Ask, MakeParty, Person
from tests.oidc.conformance.walk import (
    KEYS,
    METADATA,
    NO_CHALLENGE,
    Walk,
    answered,
    exchange,
    exchanged,
    in_a_later_second,
    refusal,
    signed_in_at,
    with_pkce,
)
from tests.oidc.flow import USERINFO, claims, header, next_of, post
from tests.oidc.parties import Party
from tests.support import forge
from tests.support.app import App
from tests.support.browser import Browser

pytestmark = [pytest.mark.processes, pytest.mark.slow]

LEGAL = re.compile(r"[ -~]+")


def userinfo(flow: Walk, tokens: dict[str, Any]) -> dict[str, Any]:
    answer = App(flow.http, tokens["access_token"]).get(USERINFO)
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    found: dict[str, Any] = answer.json()
    assert found["sub"] == claims(tokens["id_token"])["sub"]
    return found


def told_about_alice(flow: Walk, browser: Browser) -> dict[str, Any]:
    return userinfo(flow, signed_in_at(flow, browser))


def test_oidcc_server(ask: Ask, stranger: Browser, alice: Person) -> None:
    browser, flow = stranger, ask()
    to_sign_in = browser.get(flow.begin(browser)["Location"])
    code = answered(flow, browser, browser.sign_in(alice.email, target=next_of(to_sign_in)))["code"]
    assert re.fullmatch(r"[\w-]{43,}", code), "256 random bits"
    assert code != answered(flow, browser, flow.begin(browser))["code"]
    tokens = exchanged(flow, code)
    assert (tokens["token_type"].lower(), tokens["expires_in"]) == ("bearer", 600)
    told = claims(tokens["id_token"])
    assert (told["sub"], told["exp"] > told["iat"], "auth_time" in told) == (alice.id, True, True)
    assert told["at_hash"] == forge.b64(hashlib.sha256(tokens["access_token"].encode()).digest()[:16])
    assert not {"name", "email", "email_verified"} & told.keys(), "nothing that was not asked for"
    kids = [key["kid"] for key in browser.get(KEYS).json()["keys"]]
    assert len(kids) == len(set(kids))


def test_oidcc_server_client_secret_post(ask: Ask, make_party: MakeParty, browser: Browser) -> None:
    party = make_party("Posts its secret", authentication="client_secret_post", requires_pkce=False)
    assert signed_in_at(ask(party), browser)["id_token"]


def test_oidcc_idtoken_signature(ask: Ask, browser: Browser) -> None:
    token = signed_in_at(ask(), browser)["id_token"]
    published = {key["kid"]: key for key in browser.get(KEYS).json()["keys"]}
    assert (header(token)["alg"], published[header(token)["kid"]]["kty"]) == ("RS256", "RSA")


def test_oidcc_idtoken_unsigned(browser: Browser) -> None:
    """Skipped by the suite where it is not offered."""
    assert "none" not in browser.get(METADATA).json()["id_token_signing_alg_values_supported"]


def test_oidcc_userinfo_get(ask: Ask, browser: Browser, alice: Person) -> None:
    assert told_about_alice(ask(), browser)["email"] == alice.email


def test_oidcc_userinfo_post_header(ask: Ask, browser: Browser, alice: Person) -> None:
    flow = ask()
    token = signed_in_at(flow, browser)["access_token"]
    assert post(flow.http, USERINFO, "", Authorization=f"Bearer {token}").json()["email"] == alice.email


def test_oidcc_userinfo_post_body(ask: Ask, browser: Browser) -> None:
    """A warning: a token travels in the header alone."""
    flow = ask()
    token = signed_in_at(flow, browser)["access_token"]
    assert post(flow.http, USERINFO, {"access_token": token}).status_code == 401


def test_oidcc_ensure_request_without_nonce_succeeds_for_code_flow(ask: Ask, browser: Browser) -> None:
    """With PKCE. Who uses neither is refused on purpose: nothing would bind the code to its browser (RFC 9700 §2.1.1)."""
    assert "nonce" not in claims(signed_in_at(with_pkce(ask(nonce=None)), browser)["id_token"])
    assert refusal(ask(nonce=None), browser) == "invalid_request"


def test_oidcc_scope_profile(ask: Ask, browser: Browser, alice: Person) -> None:
    told = told_about_alice(ask(scope="openid profile"), browser)
    assert told == {"sub": alice.id, "name": "Alice", "locale": "en"}


def test_oidcc_scope_email(ask: Ask, browser: Browser, alice: Person) -> None:
    told = told_about_alice(ask(scope="openid email"), browser)
    assert told == {"sub": alice.id, "email": alice.email, "email_verified": True}


def test_oidcc_scope_address(ask: Ask, browser: Browser) -> None:
    """Skipped by the suite where the metadata does not list it."""
    assert "address" not in browser.get(METADATA).json()["scopes_supported"]
    assert refusal(ask(scope="openid address"), browser) == "invalid_scope"


def test_oidcc_scope_phone(ask: Ask, browser: Browser) -> None:
    """As address."""
    assert "phone" not in browser.get(METADATA).json()["scopes_supported"]
    assert refusal(ask(scope="openid phone"), browser) == "invalid_scope"


def test_oidcc_scope_all(ask: Ask, browser: Browser) -> None:
    """All that there are."""
    told = told_about_alice(ask(scope="openid profile email"), browser)
    assert told.keys() == {"sub", "name", "locale", "email", "email_verified"}


def test_oidcc_claims_essential(ask: Ask, browser: Browser) -> None:
    asked = '{"userinfo": {"name": {"essential": true}}}'
    assert told_about_alice(ask(scope="openid", claims=asked), browser)["name"] == "Alice"


def test_oidcc_codereuse(ask: Ask, browser: Browser) -> None:
    flow = ask()
    code = answered(flow, browser, flow.begin(browser))["code"]
    tokens = exchanged(flow, code)
    again = exchange(flow, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert App(flow.http, tokens["access_token"]).get(USERINFO).status_code == 401


def test_oidcc_codereuse_30seconds(walk: Ask, suite: Party, browser: Browser) -> None:
    """Once, for both plans: the wait is real, and how a code came makes no difference to its second use."""
    flow = walk(suite, **NO_CHALLENGE)
    code = answered(flow, browser, flow.begin(browser))["code"]
    tokens = exchanged(flow, code)
    in_a_later_second(30)
    assert userinfo(flow, tokens)
    assert exchange(flow, code).json()["error"] == "invalid_grant"
    assert App(flow.http, tokens["access_token"]).get(USERINFO).status_code == 401


def test_oidcc_refresh_token(ask: Ask, browser: Browser, make_party: MakeParty) -> None:
    assert "refresh_token" in browser.get(METADATA).json()["grant_types_supported"]
    flow = ask(scope="openid email offline_access", prompt="consent")
    first = signed_in_at(flow, browser)
    assert LEGAL.fullmatch(first["refresh_token"])
    answer = flow.refresh(first["refresh_token"])
    assert answer.status_code == 200
    before, after = (claims(tokens["id_token"]) for tokens in (first, answer.json()))
    for name in ("iss", "sub", "aud", "auth_time"):
        assert before[name] == after[name]
    assert after["iat"] >= before["iat"]
    other = ask(make_party("Client 2"))
    assert other.refresh(answer.json()["refresh_token"]).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("verifier", ["v" * 43, "a-._~" * 25])
def test_oidcc_ensure_request_with_valid_pkce_succeeds(ask: Ask, browser: Browser, verifier: str) -> None:
    flow = ask()
    flow.verifier = verifier
    assert signed_in_at(with_pkce(flow), browser)["id_token"]
