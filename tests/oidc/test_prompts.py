"""What a client may ask of the sign-in itself: none, login, consent, select_account, max_age, acr_values, hints."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.devices.models import Device
from accounts.users.models import User
from tests.oidc.flow import CONSENT, Flow, allowed, claims, followed, next_of, sent, signed_in
from tests.oidc.parties import Party
from tests.support import forge, pages
from tests.support.app import PASSWORD
from tests.support.browser import Answer, Browser
from tests.support.phone import enrolled

CONFIRM, SIGN_IN = "/account/confirm/", "/account/sign-in/"


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def agreed(web: Party, browser: Browser) -> Browser:
    """Alice has been at this client before."""
    Flow(web).code(browser)
    return browser


def confirm(browser: Browser, answer: Answer) -> Answer:
    """Alice types her password again on the page that asks for it."""
    assert answer["Location"].startswith("/account/consent/"), answer["Location"]
    to_confirm = browser.get(answer["Location"])
    assert to_confirm["Location"].startswith(CONFIRM), to_confirm["Location"]
    fields = {"method": "password", "code": PASSWORD, "next": next_of(to_confirm)}
    return browser.post(CONFIRM, fields)


def test_prompt_none_not_logged_in_is_an_error(web: Party) -> None:
    assert sent(Flow(web, {"prompt": "none"}).begin(Browser()))["error"] == "login_required"


def test_prompt_none_logged_in_is_silent_with_the_same_person_and_time(web: Party, agreed: Browser) -> None:
    first = claims(Flow(web).tokens(agreed)["id_token"])
    silent = Flow(web, {"prompt": "none"})
    second = claims(silent.exchange(sent(silent.begin(agreed))["code"]).json()["id_token"])
    assert [first[name] for name in ("sub", "auth_time", "sid")] == [second[name] for name in ("sub", "auth_time", "sid")]


def test_O14_prompt_none_without_consent_is_an_error(web: Party, browser: Browser) -> None:
    assert sent(Flow(web, {"prompt": "none"}).begin(browser))["error"] == "consent_required"


def test_O16_prompt_login_asks_again_and_tells_a_later_time(web: Party, agreed: Browser, later: object) -> None:
    flow = Flow(web, {"prompt": "login"})
    before = Device.objects.get(client_id="first-party").auth_time
    answer = confirm(agreed, flow.begin(agreed))
    told = claims(flow.exchange(allowed(agreed, answer)["code"]).json()["id_token"])
    assert told["auth_time"] >= before + 600


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "0"}], ids=str)
def test_O16_prompt_login_is_not_content_with_a_sign_in_of_this_very_second(
    web: Party, alice: User, asked: dict[str, str | None]
) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        browser = signed_in(alice)
        to_confirm = browser.get(Flow(web, asked).begin(browser)["Location"])
        assert to_confirm["Location"].startswith(CONFIRM)


def test_O16_max_age_1_asks_again_when_stale_and_not_when_fresh(web: Party, agreed: Browser, later: object) -> None:
    assert sent(Flow(web, {"max_age": "10000"}).begin(agreed))["code"]
    flow = Flow(web, {"max_age": "1"})
    assert allowed(agreed, confirm(agreed, flow.begin(agreed)))["code"]
    assert sent(Flow(web, {"max_age": "1", "prompt": "none"}).begin(agreed))["code"], "fresh now"


def test_O16_prompt_none_with_a_stale_proof_is_an_error(web: Party, agreed: Browser, later: object) -> None:
    assert sent(Flow(web, {"max_age": "1", "prompt": "none"}).begin(agreed))["error"] == "login_required"


def test_O16_confirming_late_does_not_go_round_in_circles(web: Party, agreed: Browser, later: time_machine.Traveller) -> None:
    flow = Flow(web, {"max_age": "1"})
    answer = confirm(agreed, flow.begin(agreed))
    later.shift(30)
    assert allowed(agreed, answer)["code"]


def test_acr_values_ask_for_the_second_factor_and_tell_what_came_of_it(web: Party, alice: User, agreed: Browser) -> None:
    phone = enrolled(alice)
    flow = Flow(web, {"acr_values": "aal2"})
    to_confirm = agreed.get(flow.begin(agreed)["Location"])
    fields = {"method": "totp", "code": phone.code(), "next": next_of(to_confirm)}
    told = claims(flow.exchange(allowed(agreed, agreed.post(CONFIRM, fields))["code"]).json()["id_token"])
    assert told["acr"] == "aal2"


@pytest.mark.parametrize("prompt", [None, "none"])
@pytest.mark.parametrize("acr_values", ["aal2", "aal3 urn:unknown", "urn:unknown"])
def test_acr_values_beyond_the_account_ask_nobody_and_fail_nowhere(
    web: Party, agreed: Browser, later: object, acr_values: str, prompt: str | None
) -> None:
    flow = Flow(web, {"acr_values": acr_values, "prompt": prompt})
    assert claims(flow.exchange(sent(flow.begin(agreed))["code"]).json()["id_token"])["acr"] == "aal1"


def test_acr_values_within_reach_show_no_page_where_none_may_be_shown(web: Party, alice: User, agreed: Browser) -> None:
    enrolled(alice)
    assert sent(Flow(web, {"acr_values": "aal2", "prompt": "none"}).begin(agreed))["code"]
    assert agreed.get(Flow(web, {"acr_values": "aal2"}).begin(agreed)["Location"])["Location"].startswith(CONFIRM)


def test_acr_values_beyond_the_account_ask_for_the_best_that_it_has(web: Party, alice: User, agreed: Browser) -> None:
    enrolled(alice)
    assert agreed.get(Flow(web, {"acr_values": "aal3"}).begin(agreed)["Location"])["Location"].startswith(CONFIRM)


def test_prompt_consent_and_select_account_always_show_the_page(web: Party, agreed: Browser) -> None:
    for prompt in ("consent", "select_account", "consent select_account"):
        page = followed(agreed, Flow(web, {"prompt": prompt}).begin(agreed))
        assert b'value="switch"' in page.content


def test_another_account_can_be_chosen(web: Party, agreed: Browser, bob: User) -> None:
    page = followed(agreed, Flow(web, {"prompt": "select_account"}).begin(agreed))
    to_sign_in = agreed.post(CONSENT, {"request": pages.hidden(page, "request"), "choice": "switch"})
    assert to_sign_in["Location"].startswith(SIGN_IN)
    page = followed(agreed, agreed.sign_in("bob@example.com", target=next_of(to_sign_in)))
    assert "bob@example.com" in page.content.decode() or "Bob" in page.content.decode()
    assert allowed(agreed, page)["code"]


def test_id_token_hint_of_who_is_here_goes_through_at_once(web: Party, agreed: Browser) -> None:
    hint = Flow(web).tokens(agreed)["id_token"]
    assert sent(Flow(web, {"prompt": "none", "id_token_hint": hint}).begin(agreed))["code"]
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=False):
        assert sent(Flow(web, {"prompt": "none", "id_token_hint": hint}).begin(agreed))["code"], "run out, and still a hint"


def test_O17_id_token_hint_of_somebody_else_is_not_this_person(web: Party, agreed: Browser, bob: User) -> None:
    bobs = signed_in(bob)
    hint = Flow(web).tokens(bobs)["id_token"]
    assert sent(Flow(web, {"prompt": "none", "id_token_hint": hint}).begin(agreed))["error"] == "login_required"
    flow = Flow(web, {"id_token_hint": hint})
    to_sign_in = agreed.get(flow.begin(agreed)["Location"])
    assert to_sign_in["Location"].startswith(SIGN_IN)
    again = agreed.sign_in("alice@example.com", target=next_of(to_sign_in))
    assert sent(followed(agreed, again))["error"] == "login_required"


def test_O17_hint_that_was_made_for_another_client_or_changed_is_no_hint(web: Party, other_web: Party, agreed: Browser) -> None:
    other = Flow(other_web, {"redirect_uri": "https://blog.example/cb"}).tokens(agreed)["id_token"]
    changed = forge.altered(other)
    for hint in (other, changed, "x.y.z"):
        assert sent(Flow(web, {"id_token_hint": hint}).begin(agreed))["error"] == "invalid_request"


@pytest.mark.parametrize(("ui_locales", "words"), [("de", "Anmelden"), ("fr-CA de en", "Anmelden"), ("xx yy", "Sign in")])
def test_ui_locales_choose_the_language_of_the_pages(web: Party, ui_locales: str, words: str) -> None:
    browser = Browser()
    assert f"<h1>{words}</h1>" in followed(browser, Flow(web, {"ui_locales": ui_locales}).begin(browser)).content.decode()
    refused = Flow(web, {"ui_locales": ui_locales, "client_id": "c_nobody"}).begin(browser).content.decode()
    assert ("Hier geht es nicht weiter" in refused) is (words == "Anmelden")


def test_login_hint_is_filled_in(web: Party) -> None:
    browser = Browser()
    page = followed(browser, Flow(web, {"login_hint": "alice@example.com"}).begin(browser))
    assert 'value="alice@example.com"' in page.content.decode()
    page = followed(browser, Flow(web, {"login_hint": '"><svg>'}).begin(browser))
    assert b"<svg>" not in page.content


@pytest.mark.parametrize("asked", [{"prompt": "login"}, {"max_age": "1"}, {"max_age": "0"}, {"acr_values": "aal2"}], ids=str)
def test_O16_request_begun_elsewhere_wants_a_fresh_proof_here_too(
    web: Party, alice: User, agreed: Browser, later: object, asked: dict[str, str]
) -> None:
    enrolled(alice)
    waiting = Flow(web, asked).begin(Browser())["Location"]
    assert agreed.get(waiting)["Location"].startswith(CONFIRM)
