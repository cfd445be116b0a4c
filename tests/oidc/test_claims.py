"""The `claims` parameter: single claims without a whole scope, where they were asked for, and only with a yes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from accounts.lifecycle import export
from accounts.oidc import clients
from accounts.oidc.models import Consent
from accounts.users.models import User
from tests.oidc.flow import CONSENT, Flow, allowed, authenticated, basic, claims, followed, next_of, post, sent, signed_in
from tests.oidc.parties import Party
from tests.support.app import App
from tests.support.browser import Browser

EMAIL = {"email": {"essential": True}}


def asking(party: Party, members: Any, **asked: str | None) -> Flow:
    text = members if isinstance(members, str) else json.dumps(members)
    return Flow(party, {"scope": "openid", "claims": text, **asked})


def at_userinfo(tokens: dict[str, Any]) -> dict[str, Any]:
    answer = App(access=tokens["access_token"]).get("/oauth/userinfo")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def test_oidcc_claims_essential_is_told_where_it_was_asked_for(web: Party, browser: Browser, alice: User) -> None:
    tokens = asking(web, {"userinfo": {"name": {"essential": True}}, "id_token": EMAIL}).tokens(browser)
    assert at_userinfo(tokens) == {"sub": str(alice.id), "name": "Alice"}
    told = claims(tokens["id_token"])
    assert (told["email"], "name" in told, "email_verified" in told) == ("alice@example.com", False, False)


def test_claims_that_a_scope_gives_stay_beside_the_single_ones(web: Party, browser: Browser, alice: User) -> None:
    tokens = asking(web, {"userinfo": {"name": None}}, scope="openid email").tokens(browser)
    assert at_userinfo(tokens) == {"sub": str(alice.id), "name": "Alice", "email": alice.email, "email_verified": True}


def test_O08_claim_beyond_the_clients_scopes_is_not_given_and_not_asked_for(
    make_party: Callable[..., Party], browser: Browser, alice: User
) -> None:
    narrow = make_party("Narrow", scopes=("openid",), grants=("authorization_code",))
    flow = asking(narrow, {"userinfo": EMAIL, "id_token": {**EMAIL, "name": None}})
    page = followed(browser, flow.begin(browser))
    assert b"e-mail address" not in page.content
    tokens = flow.exchange(allowed(browser, page)["code"]).json()
    assert at_userinfo(tokens) == {"sub": str(alice.id)}
    assert not {"email", "name"} & claims(tokens["id_token"]).keys()


def test_O08_claim_is_told_no_more_once_the_client_has_lost_its_scope(web: Party, browser: Browser) -> None:
    tokens = asking(web, {"userinfo": EMAIL, "id_token": EMAIL}, scope="openid offline_access").tokens(browser)
    assert "email" in at_userinfo(tokens)
    clients.amend(web.id, {"scopes": ("openid", "offline_access")})
    assert "email" not in at_userinfo(tokens)
    again = Flow(web).refresh(tokens["refresh_token"]).json()
    assert "email" not in claims(again["id_token"])


@pytest.mark.parametrize(
    "members",
    [
        {"userinfo": {"nickname": {"essential": True}, "email#de": None}, "id_token": {"at_hash": None, "iss": {"value": "x"}}},
        {"verified_claims": [1, 2]},
        {"userinfo": None},
        {"id_token": {"email": {"purpose": "ads"}, "nonce": {"value": "other"}}},
    ],
    ids=str,
)
def test_what_nobody_knows_is_passed_over(web: Party, browser: Browser, members: Any) -> None:
    told = claims(asking(web, members).tokens(browser)["id_token"])
    assert (told["iss"], told["nonce"], "nickname" in told) == ("http://testserver", "the nonce", False)


@pytest.mark.parametrize(
    "text",
    [
        *("{", "[]", '"x"', "null", "1", '{"userinfo": {}, "userinfo": {}}', '{"id_token": []}', '{"id_token": {"email": true}}'),
        *('{"userinfo": {"email": {"essential": "yes"}}}', '{"userinfo": {"email": {"values": "x"}}}', "[" * 100),
        *('{"id_token": {"acr": {"essential": true, "value": 2}}}', '{"id_token": {"sub": {"value": 1}}}'),
        *('{"id_token": {"sub": {"values": ["a", "b"]}}}', '{"userinfo": {"nobody_knows": 1}}'),
    ],
)
def test_what_has_another_shape_is_refused_at_once(web: Party, browser: Browser, text: str) -> None:
    flow = asking(web, text)
    assert sent(flow.begin(browser))["error"] == "invalid_request"
    pushed = post(flow.http, "/oauth/par", authenticated(web, {**flow.parameters}), **basic(web))
    assert (pushed.status_code, pushed.json()["error"]) == (400, "invalid_request")


# --- A yes ------------------------------------------------------------------------------------------------------------


def test_page_says_each_single_claim_in_plain_words(web: Party, browser: Browser) -> None:
    asked = {"userinfo": {"email": None, "email_verified": None}, "id_token": {"locale": None}}
    page = followed(browser, asking(web, asked).begin(browser)).content.decode()
    for words in ("Your e-mail address", "Whether your e-mail address is confirmed", "Your language"):
        assert f"<li>{words}</li>" in page
    assert "Your name" not in page


def test_page_says_nothing_twice(web: Party, browser: Browser) -> None:
    page = followed(browser, asking(web, {"userinfo": EMAIL}, scope="openid email").begin(browser)).content.decode()
    assert page.count("Your e-mail address") == 1


def test_O14_single_claim_wants_a_yes_of_its_own(web: Party, browser: Browser) -> None:
    asking(web, {}).tokens(browser)
    assert sent(asking(web, {"userinfo": EMAIL}, prompt="none").begin(browser))["error"] == "consent_required"
    asking(web, {"userinfo": EMAIL}).tokens(browser)
    assert sent(asking(web, {"userinfo": EMAIL}, prompt="none").begin(browser))["code"]
    assert sent(asking(web, {"id_token": {"name": None}}, prompt="none").begin(browser))["error"] == "consent_required"
    assert sent(asking(web, {}, scope="openid email", prompt="none").begin(browser))["error"] == "consent_required"


def test_yes_to_a_scope_is_a_yes_to_its_claims(web: Party, browser: Browser) -> None:
    Flow(web, {"scope": "openid email"}).tokens(browser)
    assert sent(asking(web, {"id_token": EMAIL}, prompt="none").begin(browser))["code"]


def test_person_sees_and_exports_what_was_agreed_to(web: Party, browser: Browser, alice: User) -> None:
    asking(web, {"userinfo": {"email_verified": None}}).tokens(browser)
    assert "Whether your e-mail address is confirmed" in browser.get("/account/security/apps/").content.decode()
    [told] = export.collect(alice.id)["applications"]
    assert (told["scopes"], told["claims"]) == (["openid"], ["email_verified"])


def test_O15_form_adds_no_claim(web: Party, browser: Browser) -> None:
    page = followed(browser, asking(web, {}).begin(browser))
    handle = page.context["handle"]
    browser.post(CONSENT, {"request": handle, "choice": "allow", "claims": json.dumps({"userinfo": EMAIL})})
    assert Consent.objects.get().claims == []


# --- All the way ------------------------------------------------------------------------------------------------------


def test_claims_survive_a_sign_in_and_a_refresh(web: Party, alice: User) -> None:
    browser = Browser()
    flow = asking(web, {"userinfo": {"name": None}, "id_token": EMAIL}, scope="openid offline_access")
    to_sign_in = browser.get(flow.begin(browser)["Location"])
    page = followed(browser, browser.sign_in("alice@example.com", target=next_of(to_sign_in)))
    tokens = flow.exchange(allowed(browser, page)["code"]).json()
    for _ in range(2):
        assert at_userinfo(tokens)["name"] == "Alice"
        assert claims(tokens["id_token"])["email"] == "alice@example.com"
        tokens = flow.refresh(tokens["refresh_token"]).json()


def test_claims_may_be_pushed(web: Party, browser: Browser) -> None:
    flow = asking(web, {"id_token": EMAIL})
    pushed = post(flow.http, "/oauth/par", authenticated(web, {**flow.parameters}), **basic(web))
    answer = browser.get(f"/oauth/authorize?client_id={web.id}&request_uri={pushed.json()['request_uri']}")
    tokens = flow.exchange(allowed(browser, answer)["code"]).json()
    assert claims(tokens["id_token"])["email"] == "alice@example.com"


def test_next_request_without_claims_is_told_none(web: Party, browser: Browser) -> None:
    """It is the same row: the client's sign-in in this browser."""
    assert "email" in at_userinfo(asking(web, {"userinfo": EMAIL}).tokens(browser))
    assert "email" not in at_userinfo(asking(web, {}).tokens(browser))


def test_metadata_tells_that_claims_can_be_asked_for(web: Party, browser: Browser) -> None:
    told = Flow(web).http.get("/.well-known/openid-configuration").json()
    assert told["claims_parameter_supported"] is True
    assert {"name", "locale", "email", "email_verified", "auth_time", "acr"} <= set(told["claims_supported"])


def test_one_sign_in_tells_no_more_because_of_another(make_party: Callable[..., Party], browser: Browser) -> None:
    party = make_party("Widget", scopes=("openid", "email"), grants=("authorization_code",))
    plain = Flow(party, {"scope": "openid"}).tokens(browser)
    with_email = asking(party, {"userinfo": EMAIL}).tokens(browser)
    again = Flow(party, {"scope": "openid"}).tokens(browser)
    assert [set(at_userinfo(tokens)) for tokens in (plain, with_email, again)] == [{"sub"}, {"sub", "email"}, {"sub"}]
