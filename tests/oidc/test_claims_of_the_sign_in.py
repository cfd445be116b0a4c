"""Claims about the sign-in itself: `acr` that must be told, `sub` that must be this person, `auth_time`."""

import json
from typing import Any

import pytest

from accounts.devices.models import Device
from accounts.users.models import User
from tests.oidc.flow import Flow, allowed, claims, followed, next_of, sent, signed_in
from tests.oidc.parties import Party
from tests.support import pages
from tests.support.app import PASSWORD
from tests.support.browser import Browser
from tests.support.mailbox import last_letter
from tests.support.phone import enrolled
from tests.support.ways import passkey_of

CONFIRM, SIGN_IN = "/account/confirm/", "/account/sign-in/"


def of(party: Party, claim: str, wish: Any, **asked: str | None) -> Flow:
    return Flow(party, {"claims": json.dumps({"id_token": {claim: wish}}), **asked})


def essential(*values: str) -> dict[str, Any]:
    return {"essential": True, "values": [*values]}


@pytest.fixture
def browser(web: Party, alice: User) -> Browser:
    """Alice has been at this client before."""
    browser = signed_in(alice)
    Flow(web).code(browser)
    return browser


def test_O16_essential_acr_is_confirmed_for_and_told(web: Party, alice: User, browser: Browser) -> None:
    phone, flow = enrolled(alice), of(web, "acr", essential("aal2"))
    to_confirm = browser.get(flow.begin(browser)["Location"])
    assert to_confirm["Location"].startswith(CONFIRM)
    fields = {"method": "totp", "code": phone.code(), "next": next_of(to_confirm)}
    code = allowed(browser, browser.post(CONFIRM, fields))["code"]
    assert claims(flow.exchange(code).json()["id_token"])["acr"] == "aal2"
    assert sent(of(web, "acr", essential("aal2"), prompt="none").begin(browser))["code"], "it is there now"


def test_O16_essential_acr_is_not_met_by_a_new_sign_in_that_is_weaker(web: Party, alice: User) -> None:
    """By mail, where the password would be stronger: a wish would be content with that."""
    browser, flow = Browser(), of(web, "acr", essential("aal1"))
    target = next_of(browser.get(flow.begin(browser)["Location"]))
    browser.get(pages.SIGN_IN)
    browser.post(pages.CODE, {"email": alice.email, "next": target})
    signed = browser.post(pages.ENTER, {"code": last_letter(alice.email or "").code, "next": target})
    to_confirm = followed(browser, browser.get(signed["Location"]))
    assert b"password" in to_confirm.content
    answer = browser.post(CONFIRM, {"method": "password", "code": PASSWORD, "next": target})
    told = claims(flow.exchange(allowed(browser, answer)["code"]).json()["id_token"])
    assert told["acr"] == "aal1"


@pytest.mark.parametrize("prompt", [None, "none", "consent"])
@pytest.mark.parametrize("values", [["aal2"], ["aal3"], ["urn:unknown"]], ids=str)
def test_O16_essential_acr_that_the_account_cannot_show_is_told_to_the_client(
    web: Party, browser: Browser, values: list[str], prompt: str | None
) -> None:
    refused = sent(of(web, "acr", essential(*values), prompt=prompt).begin(browser))
    assert refused["error"] == "unmet_authentication_requirements"
    assert (refused["state"], refused["iss"]) == ("the state", "http://testserver")


def test_O16_essential_acr_within_reach_wants_a_page(web: Party, alice: User, browser: Browser) -> None:
    enrolled(alice)
    assert sent(of(web, "acr", essential("aal2"), prompt="none").begin(browser))["error"] == "login_required"


def test_O16_one_of_several_levels_is_enough(web: Party, browser: Browser) -> None:
    assert sent(of(web, "acr", essential("aal2", "aal1"), prompt="none").begin(browser))["code"]


@pytest.mark.parametrize(
    ("amr", "has_password", "error"),
    [
        (["pwd"], True, "login_required"),
        (["pwd"], False, "login_required"),
        (["hwk"], True, "login_required"),
        (["hwk"], False, "unmet_authentication_requirements"),
    ],
    ids=str,
)
def test_O16_passkey_is_in_reach_unless_it_has_just_shown_that_it_makes_sure_of_nobody(
    web: Party, alice: User, browser: Browser, amr: list[str], has_password: bool, error: str
) -> None:
    passkey_of(alice)
    if not has_password:
        alice.set_unusable_password()
        alice.save()
    Device.objects.filter(client_id="first-party").update(amr=amr, acr="aal1")
    assert sent(of(web, "acr", essential("aal2"), prompt="none").begin(browser))["error"] == error


@pytest.mark.parametrize("prompt", [None, "none"])
@pytest.mark.parametrize(
    "wish", [None, {"values": ["aal2"]}, {"essential": True}, {"essential": False, "value": "aal2"}], ids=str
)
def test_acr_that_is_only_wished_for_never_fails(
    web: Party, browser: Browser, later: object, wish: Any, prompt: str | None
) -> None:
    flow = of(web, "acr", wish, prompt=prompt)
    assert claims(flow.exchange(sent(flow.begin(browser))["code"]).json()["id_token"])["acr"] == "aal1"


def test_acr_that_is_wished_for_and_within_reach_is_confirmed_for(web: Party, alice: User, browser: Browser) -> None:
    enrolled(alice)
    flow = of(web, "acr", {"value": "aal2"})
    assert browser.get(flow.begin(browser)["Location"])["Location"].startswith(CONFIRM)
    assert sent(of(web, "acr", {"value": "aal2"}, prompt="none").begin(browser))["code"]


def test_essential_level_is_told_by_its_own_name(web: Party, alice: User) -> None:
    """Somebody with a stronger proof does not fail at a client that knows no name for it."""
    phone, browser = enrolled(alice), Browser()
    fields = pages.to_second_step(alice, browser)
    browser.post(pages.SECOND_STEP, {**fields, "method": "totp", "code": phone.code()})
    assert claims(Flow(web).tokens(browser)["id_token"])["acr"] == "aal2"
    assert claims(of(web, "acr", essential("aal1")).tokens(browser)["id_token"])["acr"] == "aal1"


def test_O17_sub_that_is_claimed_is_the_one_person_who_will_do(web: Party, alice: User, bob: User, browser: Browser) -> None:
    assert sent(of(web, "sub", {"value": str(alice.id)}, prompt="none").begin(browser))["code"]
    assert sent(of(web, "sub", {"value": str(bob.id)}, prompt="none").begin(browser))["error"] == "login_required"
    to_sign_in = browser.get(of(web, "sub", {"value": str(bob.id)}).begin(browser)["Location"])
    assert to_sign_in["Location"].startswith(SIGN_IN)
    again = browser.sign_in("alice@example.com", target=next_of(to_sign_in))
    assert sent(followed(browser, again))["error"] == "login_required"


def test_O17_hint_and_claimed_sub_are_one_person(web: Party, alice: User, bob: User, browser: Browser) -> None:
    hint = Flow(web).tokens(browser)["id_token"]
    assert sent(of(web, "sub", {"value": str(alice.id)}, id_token_hint=hint).begin(browser))["code"]
    assert sent(of(web, "sub", {"value": str(bob.id)}, id_token_hint=hint).begin(browser))["error"] == "invalid_request"


def test_auth_time_is_told_as_it_always_is(web: Party, browser: Browser) -> None:
    told = claims(of(web, "auth_time", {"essential": True}).tokens(browser)["id_token"])
    assert isinstance(told["auth_time"], int)
