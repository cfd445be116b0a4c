"""Tokens of clients that are bound to a key (RFC 9449): codes, refresh tokens, userinfo, machines."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.test import Client as Http

from accounts.devices.models import Device
from accounts.oidc import clients
from accounts.oidc.models import Service
from accounts.users.models import User
from tests.oidc.flow import AUTHORIZE, Flow, allowed, basic, claims, post, sent, signed_in
from tests.oidc.parties import Party
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.key_holder import BoundApp, SoftKey

TOKEN = f"{settings.PUBLIC_URL}/oauth/token"


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def key() -> SoftKey:
    return SoftKey()


def code_form(flow: Flow, code: str) -> dict[str, str | None]:
    usual: dict[str, str | None] = {"grant_type": "authorization_code", "code": code, "code_verifier": flow.verifier}
    return {**usual, "redirect_uri": flow.parameters["redirect_uri"]}


def proven(flow: Flow, key: SoftKey, form: dict[str, str | None]) -> Any:
    """As a client does: once for the nonce, and once with it."""
    first = flow.token(form, DPoP=key.proof("POST", TOKEN))
    assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
    return flow.token(form, DPoP=key.proof("POST", TOKEN, nonce=first["DPoP-Nonce"]))


def bound(flow: Flow, browser: Browser, key: SoftKey) -> dict[str, Any]:
    answer = proven(flow, key, code_form(flow, flow.code(browser)))
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def test_D01_tokens_are_bound_to_the_key_that_was_shown(web: Party, browser: Browser, key: SoftKey) -> None:
    tokens = bound(Flow(web), browser, key)
    assert (tokens["token_type"], claims(tokens["access_token"])["cnf"]) == ("DPoP", {"jkt": key.jkt})
    assert Device.objects.get(client_id=web.id).jkt == key.jkt
    assert Flow(web).tokens(browser)["token_type"] == "Bearer"
    assert Device.objects.filter(client_id=web.id).count() == 2, "another sign-in"


def test_D01_userinfo_wants_the_proof_beside_a_bound_token(web: Party, browser: Browser, key: SoftKey) -> None:
    token = bound(Flow(web), browser, key)["access_token"]
    assert App(access=token).get("/oauth/userinfo").status_code == 401
    assert BoundApp(access=token, key=SoftKey()).get("/oauth/userinfo").status_code == 401
    assert BoundApp(access=token, key=key).get("/oauth/userinfo").status_code == 200
    plain = Flow(web).tokens(browser)["access_token"]
    assert BoundApp(access=plain, key=key).get("/oauth/userinfo").status_code == 401


def test_D11_client_that_is_registered_for_bound_tokens_gets_no_others(
    make_party: Callable[..., Party], browser: Browser, key: SoftKey, notes: Service
) -> None:
    grants = ("authorization_code", "refresh_token", "client_credentials")
    strict = make_party("Strict", dpop_bound_access_tokens=True, grants=grants, scopes=("openid", "offline_access", "notes:read"))
    flow = Flow(strict, {"scope": "openid offline_access"})
    code = flow.code(browser)
    forms = [code_form(flow, code), {"grant_type": "client_credentials"}]
    refused = [flow.token(form) for form in forms]
    assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [(400, "invalid_dpop_proof")] * 2
    tokens = [proven(flow, key, form).json() for form in forms]
    assert [found["token_type"] for found in tokens] == ["DPoP"] * 2, "and the code is not used up"
    assert flow.refresh(tokens[0]["refresh_token"]).json()["error"] == "invalid_dpop_proof"


def test_D11_refresh_token_from_before_that_registration_opens_no_more(web: Party, browser: Browser, key: SoftKey) -> None:
    flow = Flow(web, {"scope": "openid offline_access"})
    token = flow.tokens(browser)["refresh_token"]
    clients.amend(web.id, {"dpop_bound_access_tokens": True})
    form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": token}
    assert flow.token(form, DPoP=key.proof("POST", TOKEN)).json()["error"] == "invalid_grant"
    clients.amend(web.id, {"dpop_bound_access_tokens": False})
    assert flow.refresh(token).status_code == 200, "and is not used up"


def test_D10_refresh_token_opens_with_its_key_alone(web: Party, browser: Browser, key: SoftKey) -> None:
    flow = Flow(web, {"scope": "openid offline_access"})
    tokens = bound(flow, browser, key)
    form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert flow.token(form).json()["error"] == "invalid_dpop_proof"
    assert proven(flow, SoftKey(), form).json()["error"] == "invalid_dpop_proof"
    fresh = proven(flow, key, form).json()
    assert claims(fresh["access_token"])["cnf"] == {"jkt": key.jkt}


def test_D04_proof_opens_one_exchange(web: Party, browser: Browser, key: SoftKey) -> None:
    nonce = Flow(web).token({"grant_type": "refresh_token"}, DPoP="x")["DPoP-Nonce"]
    proof = key.proof("POST", TOKEN, nonce=nonce)
    flows = [Flow(web), Flow(web)]
    answers = [flow.token(code_form(flow, flow.code(browser)), DPoP=proof) for flow in flows]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[1].json()["error"] == "invalid_dpop_proof"


def test_D09_O04_code_that_was_asked_for_with_a_key_opens_with_that_key(web: Party, browser: Browser, key: SoftKey) -> None:
    for other in (None, SoftKey()):
        flow = Flow(web, {"dpop_jkt": key.jkt})
        form = code_form(flow, flow.code(browser))
        answer = proven(flow, other, form) if other else flow.token(form)
        assert answer.json()["error"] == "invalid_grant"
    assert bound(Flow(web, {"dpop_jkt": key.jkt}), browser, key)["token_type"] == "DPoP"
    assert sent(Flow(web, {"dpop_jkt": "short"}).begin(browser))["error"] == "invalid_request"


def test_D01_machines_tokens_are_bound_too(make_party: Callable[..., Party], notes: Service, key: SoftKey) -> None:
    nobody: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": (), "grants": ("client_credentials",)}
    robot = Flow(make_party("Robot", **nobody, scopes=("notes:read",)))
    answer = proven(robot, key, {"grant_type": "client_credentials"}).json()
    assert (answer["token_type"], claims(answer["access_token"])["cnf"]) == ("DPoP", {"jkt": key.jkt})


def test_D14_request_pushed_with_a_key_ends_in_a_code_for_that_key(web: Party, browser: Browser, key: SoftKey) -> None:
    par = f"{settings.PUBLIC_URL}/oauth/par"

    def pushed(flow: Flow, **form: str | None) -> Any:
        asked: dict[str, str | None] = {**flow.parameters, **form}
        first = post(Http(), "/oauth/par", asked, **basic(web), DPoP=key.proof("POST", par))
        assert (first.status_code, first.json()["error"]) == (400, "use_dpop_nonce")
        return post(Http(), "/oauth/par", asked, **basic(web), DPoP=key.proof("POST", par, nonce=first["DPoP-Nonce"]))

    def code(flow: Flow) -> str:
        query = urlencode({"client_id": web.id, "request_uri": pushed(flow).json()["request_uri"]})
        return allowed(browser, browser.get(f"{AUTHORIZE}?{query}"))["code"]

    flow = Flow(web)
    assert pushed(flow, dpop_jkt=SoftKey().jkt).json()["error"] == "invalid_request"
    assert proven(flow, SoftKey(), code_form(flow, code(flow))).json()["error"] == "invalid_grant"
    assert flow.token(code_form(flow, code(flow))).json()["error"] == "invalid_grant"
    assert proven(flow, key, code_form(flow, code(flow))).json()["token_type"] == "DPoP"


def test_D15_introspection_tells_the_key(web: Party, browser: Browser, key: SoftKey) -> None:
    token = bound(Flow(web), browser, key)["access_token"]
    told = post(Http(), "/oauth/introspect", {"token": token}, **basic(web)).json()
    assert (told["active"], told["token_type"], told["cnf"]) == (True, "DPoP", {"jkt": key.jkt})
