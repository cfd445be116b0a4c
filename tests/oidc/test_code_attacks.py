"""Codes that come back, come from somebody else, or without their verifier; clients that are not who they say."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Http

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.oidc.models import Service
from accounts.users.models import User
from tests.oidc.flow import ASSERTION, TOKEN, Flow, assertion, basic, post, signed_in
from tests.oidc.parties import CALLBACK, Party
from tests.support import forge
from tests.support.app import App
from tests.support.at_once import at_once
from tests.support.browser import Browser
from tests.support.issuer import Key, ec_key, rsa_key


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def error(answer: Any) -> str:
    assert answer.status_code in {400, 401}, answer.content
    assert answer["Cache-Control"] == "no-store"
    body: dict[str, str] = answer.json()
    assert set(body) == {"error", "error_description"}
    return body["error"]


def test_O03_codereuse_ends_what_the_code_gave(web: Party, browser: Browser) -> None:
    flow = Flow(web)
    code = flow.code(browser)
    app = App(access=flow.exchange(code).json()["access_token"])
    assert app.get("/oauth/userinfo").status_code == 200
    assert error(flow.exchange(code)) == "invalid_grant"
    assert app.get("/oauth/userinfo").status_code == 401
    assert Device.objects.get(client_id=web.id).ended_because == "code_reused"
    assert AuditEvent.objects.get(event="authorization_code.reused").outcome == "failure"


def test_O03_codereuse_ends_refresh_tokens_too(web: Party, browser: Browser) -> None:
    flow = Flow(web, {"scope": "openid offline_access"})
    code = flow.code(browser)
    refresh = flow.exchange(code).json()["refresh_token"]
    assert error(flow.exchange(code)) == "invalid_grant"
    assert error(flow.refresh(refresh)) == "invalid_grant"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_O03_of_32_exchanges_at_once_one_wins_and_its_tokens_end(web: Party, alice: User) -> None:
    flow = Flow(web)
    code = flow.code(signed_in(alice))

    answers = at_once(32, lambda: Flow(web, verifier=flow.verifier).exchange(code))
    won = [answer for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert {answer.json()["error"] for answer in answers if answer not in won} == {"invalid_grant"}
    assert App(access=won[0].json()["access_token"]).get("/oauth/userinfo").status_code == 401


def test_O04_code_opens_for_its_own_client_alone(web: Party, other_web: Party, browser: Browser) -> None:
    flow = Flow(web)
    code = flow.code(browser)
    assert error(Flow(other_web, verifier=flow.verifier).exchange(code)) == "invalid_grant"
    assert flow.exchange(code).status_code == 200, "who stole it cannot use it up"


@pytest.mark.parametrize("redirect_uri", ["https://shop.example/cb2", "https://shop.example/cb?x", "https://SHOP.example/cb"])
def test_O04_code_is_burned_by_another_redirect_uri(web: Party, browser: Browser, redirect_uri: str) -> None:
    flow = Flow(web)
    code = flow.code(browser)
    assert error(flow.exchange(code, redirect_uri=redirect_uri)) == "invalid_grant"
    assert error(flow.exchange(code)) == "invalid_grant"


@pytest.mark.parametrize("verifier", [None, "", "x", "y" * 43, "y" * 42, "y" * 129, "é" * 43, "the challenge", "the code"])
def test_O05_code_is_burned_by_a_verifier_that_is_not_right(web: Party, browser: Browser, verifier: str | None) -> None:
    flow = Flow(web)
    code = flow.code(browser)
    shown = {"the challenge": flow.parameters["code_challenge"], "the code": code}.get(verifier or "", verifier)
    assert error(flow.exchange(code, code_verifier=shown)) == "invalid_grant"
    assert error(flow.exchange(code)) == "invalid_grant"


def test_O05_verifier_without_a_challenge_is_refused(make_party: Callable[..., Party], browser: Browser) -> None:
    party = make_party("Old", requires_pkce=False)
    without: dict[str, str | None] = {"code_challenge": None, "code_challenge_method": None}
    assert error(Flow(party, without).exchange(Flow(party, without).code(browser))) == "invalid_grant"
    flow = Flow(party, without)
    assert flow.exchange(flow.code(browser), code_verifier=None).status_code == 200
    assert b"error=invalid_request" in Flow(party, {**without, "nonce": None}).begin(browser)["Location"].encode()


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "grant_type"])
def test_O34_what_is_missing_or_empty_is_refused(web: Party, browser: Browser, missing: str) -> None:
    flow = Flow(web)
    code = flow.code(browser)
    whole = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": flow.verifier}
    for value in (None, ""):
        assert error(flow.token({**whole, missing: value})) == "invalid_request"
    assert flow.exchange(code).status_code == 200


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "code_verifier", "scope", "x"])
def test_O28_repeated_parameter_is_refused(web: Party, browser: Browser, name: str) -> None:
    answer = post(Http(), TOKEN, f"grant_type=authorization_code&code=x&redirect_uri={CALLBACK}&{name}=1&{name}=1", **basic(web))
    assert error(answer) == "invalid_request"


@pytest.mark.parametrize(
    "grant", ["password", "implicit", "urn:ietf:params:oauth:grant-type:jwt-bearer", "AUTHORIZATION_CODE", "x" * 300]
)
def test_O07_other_grants_are_not_there(web: Party, grant: str) -> None:
    assert error(Flow(web).token({"grant_type": grant, "username": "a", "password": "b"})) == "unsupported_grant_type"


def test_O08_grant_that_the_client_lacks_is_refused(make_party: Callable[..., Party], browser: Browser) -> None:
    party = make_party("Short", grants=("authorization_code",), scopes=("openid", "email"))
    flow = Flow(party)
    assert flow.exchange(flow.code(browser)).status_code == 200
    assert error(flow.refresh("rt1.x")) == "unauthorized_client"


def test_O35_resource_beyond_the_grant_is_refused(make_party: Callable[..., Party], notes: Service, browser: Browser) -> None:
    party = make_party("Reader", scopes=("openid", "profile", "email", "offline_access", "notes:read"))
    flow = Flow(party)
    assert error(flow.exchange(flow.code(browser), resource=notes.audience)) == "invalid_target"
    flow = Flow(party, {"scope": "openid offline_access notes:read"})
    tokens = flow.exchange(flow.code(browser), resource=notes.audience).json()
    for resource in ("https://evil.example", settings.API_AUDIENCE, f"{notes.audience}/", "x"):
        assert error(flow.refresh(tokens["refresh_token"], resource=resource)) == "invalid_target"
    other = flow.refresh(tokens["refresh_token"], resource=f"{settings.PUBLIC_URL}/oauth/userinfo")
    assert App(access=other.json()["access_token"]).get("/oauth/userinfo").status_code == 200


def test_post_without_a_body_is_refused_and_not_a_crash(web: Party) -> None:
    assert error(Http().post(TOKEN, content_type="application/x-www-form-urlencoded")) == "invalid_client"
    assert error(Http().generic("POST", TOKEN, headers=basic(web))) == "invalid_request"


# --- Who the client is ----------------------------------------------------------------------------------------------


def ask(form: dict[str, str | None], **headers: str) -> Any:
    return post(Http(), TOKEN, {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK, **form}, **headers)


def encoded(text: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(text.encode()).decode()}


def test_O09_right_way_is_let_through_to_the_code(web: Party, native: Party, make_party: Callable[..., Party]) -> None:
    by_form = make_party("Form", authentication="client_secret_post")
    for answer in (
        ask({}, **basic(web)),
        ask({"client_id": web.id}, **basic(web)),
        ask({"client_id": native.id}),
        ask({"client_id": by_form.id, "client_secret": by_form.secret}),
    ):
        assert error(answer) == "invalid_grant"


def test_O09_every_other_way_is_one_and_the_same_refusal(web: Party, native: Party, make_party: Callable[..., Party]) -> None:
    by_form = make_party("Form", authentication="client_secret_post")
    wrong = [
        ask({}),
        ask({"client_id": web.id}),
        ask({"client_id": "c_nobody"}),
        ask({"client_id": web.id, "client_secret": ""}),
        ask({"client_id": web.id, "client_secret": web.secret}),
        ask({"client_id": by_form.id, "client_secret": "wrong"}),
        ask({"client_id": by_form.id}),
        ask({"client_id": native.id, "client_secret": "x"}),
        ask({}, **encoded(f"{native.id}:")),
        ask({}, **encoded(f"{native.id}:x")),
        ask({}, **encoded(f"{web.id}:")),
        ask({}, **encoded(f"{web.id}:wrong")),
        ask({}, **encoded(f"{web.id}")),
        ask({}, **encoded(f":{web.secret}")),
        ask({}, **encoded(f"{by_form.id}:{by_form.secret}")),
        ask({}, Authorization="Basic !!!"),
        ask({}, Authorization="Basic"),
        ask({}, Authorization=f"Bearer {web.secret}"),
        ask({"client_id": web.id, "client_assertion_type": ASSERTION}),
        ask({"client_id": web.id, "client_assertion_type": ASSERTION, "client_assertion": "x.y.z"}),
        ask({"client_assertion": "x.y.z"}),
    ]
    assert {answer.content for answer in wrong} == {wrong[0].content}
    assert {(answer.status_code, error(answer)) for answer in wrong} == {(401, "invalid_client")}
    assert all(answer["WWW-Authenticate"].startswith("Basic") for answer in wrong)


def test_O09_two_ways_at_once_are_refused(web: Party) -> None:
    for form in ({"client_secret": web.secret}, {"client_assertion": "x", "client_assertion_type": ASSERTION}):
        assert error(ask({"client_id": web.id, **form}, **basic(web))) == "invalid_request"


def test_O39_one_client_does_not_speak_for_another(web: Party, other_web: Party) -> None:
    assert error(ask({"client_id": other_web.id}, **basic(web))) == "invalid_request"


def test_O09_basic_is_form_encoded_first(web: Party) -> None:
    escaped = "".join(f"%{ord(sign):02x}" for sign in web.id)
    assert error(ask({}, **encoded(f"{escaped}:{web.secret}"))) == "invalid_grant"


def test_O40_no_answer_is_a_script(web: Party) -> None:
    answer = post(Http(), f"{TOKEN}?callback=alert", {"grant_type": "x", "callback": "alert"}, **basic(web))
    assert answer["Content-Type"] == "application/json"
    assert answer.content.startswith(b"{")


@pytest.mark.parametrize("body", [b'{"grant_type": "refresh_token"}', b"<x/>"])
def test_token_endpoint_reads_forms_alone(web: Party, body: bytes) -> None:
    answer = Http().post(TOKEN, body, content_type="application/json", headers=basic(web))
    assert answer.status_code == 415
    assert Http().get(TOKEN, headers=basic(web)).status_code == 405


# --- private_key_jwt --------------------------------------------------------------------------------------------------


@pytest.fixture
def key() -> Key:
    return ec_key("one")


@pytest.fixture
def signing(make_party: Callable[..., Party], key: Key) -> Party:
    return make_party("Signs", authentication="private_key_jwt", jwks={"keys": [key.jwk]})


@pytest.mark.parametrize("typ", ["JWT", "client-authentication+jwt", None])
def test_O11_assertion_opens_once(signing: Party, key: Key, typ: str | None) -> None:
    shown = assertion(signing, key, typ=typ)
    assert error(ask(shown)) == "invalid_grant", "let through to the code"
    assert error(ask(shown)) == "invalid_client", "used before"
    assert error(ask({**assertion(signing, key), "client_id": signing.id})) == "invalid_grant"


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": f"{settings.PUBLIC_URL}/oauth/token"},
        {"aud": f"{settings.PUBLIC_URL}/"},
        {"aud": [settings.PUBLIC_URL]},
        {"aud": [settings.PUBLIC_URL, "https://other.example"]},
        {"aud": settings.PUBLIC_URL[:-1]},
        {"aud": None},
        {"iss": "c_other"},
        {"sub": "c_other"},
        {"sub": None},
        {"iss": None},
        {"jti": None},
        {"exp": None},
        {"exp": 1},
        {"exp": 2**40},
        {"exp": "soon"},
        {"iat": 2**40},
        {"typ": "at+jwt"},
        {"typ": "dpop+jwt"},
    ],
    ids=json.dumps,
)
def test_O11_assertion_is_for_this_issuer_and_short(signing: Party, key: Key, changed: dict[str, Any]) -> None:
    assert error(ask(assertion(signing, key, **changed))) == "invalid_client"
    assert error(ask(assertion(signing, key))) == "invalid_grant"


def test_O11_assertion_needs_no_kid_where_one_key_alone_fits(signing: Party, key: Key, make_party: Callable[..., Party]) -> None:
    assert error(ask(assertion(signing, key, says_kid=False))) == "invalid_grant"
    assert error(ask(assertion(signing, ec_key("one"), says_kid=False))) == "invalid_client", "another key"
    other, rsa = ec_key("two"), rsa_key("three")
    two = make_party("Two", authentication="private_key_jwt", jwks={"keys": [key.jwk, other.jwk, rsa.jwk]})
    assert error(ask(assertion(two, key, says_kid=False))) == "invalid_client", "which of the two?"
    assert error(ask(assertion(two, rsa, says_kid=False))) == "invalid_grant", "one alone is for RS256"
    assert error(ask(assertion(two, other))) == "invalid_grant"


def test_O11_assertion_by_another_key_or_of_another_client_is_refused(signing: Party, web: Party, key: Key) -> None:
    assert error(ask(assertion(signing, ec_key("one")))) == "invalid_client"
    assert error(ask(assertion(signing, ec_key("two")))) == "invalid_client"
    assert error(ask(assertion(web, key))) == "invalid_client"
    assert error(ask({**assertion(signing, key), "client_id": web.id})) == "invalid_request"
    header, claims = forge.opened(str(assertion(signing, key)["client_assertion"]))[:2]
    unsigned = forge.unsigned({**header, "alg": "none"}, claims)
    assert error(ask({"client_assertion_type": ASSERTION, "client_assertion": unsigned})) == "invalid_client"
