"""oidcc-basic-certification-test-plan, and with form_post that of its name: what a client may ask, and how."""

from urllib.parse import urlencode

import pytest

from tests.oidc.conformance.conftest import Ask
from tests.oidc.conformance.walk import METADATA, answered, exchanged, in_a_later_second, refusal, signed_in_at
from tests.oidc.flow import AUTHORIZE, claims, followed, next_of
from tests.support import forge
from tests.support.app import PASSWORD
from tests.support.browser import Answer, Browser

pytestmark = [pytest.mark.processes, pytest.mark.slow]

CONFIRM = "/account/confirm/"


def asked_anew(browser: Browser, answer: Answer) -> Answer:
    """The page that asks for the password once more."""
    page = followed(browser, answer)
    assert b"Confirm that it is you" in page.content
    target = next_of(browser.get(answer["Location"]))
    return browser.post(CONFIRM, {"method": "password", "code": PASSWORD, "next": target})


def test_oidcc_response_type_missing(ask: Ask, browser: Browser) -> None:
    assert refusal(ask(response_type=None), browser) in {"unsupported_response_type", "invalid_request"}


def test_oidcc_alternate_happy_flow(ask: Ask, browser: Browser) -> None:
    flow = ask(scope="email openid")
    answer = browser.get(f"{AUTHORIZE}?{urlencode([*flow.parameters.items()][::-1])}")
    assert exchanged(flow, answered(flow, browser, answer)["code"])["scope"] == "email openid"


def test_oidcc_display_page(ask: Ask, browser: Browser) -> None:
    assert signed_in_at(ask(display="page"), browser)


def test_oidcc_display_popup(ask: Ask, browser: Browser) -> None:
    assert signed_in_at(ask(display="popup"), browser)


def test_oidcc_prompt_login(ask: Ask, known: Browser) -> None:
    before = claims(signed_in_at(ask(), known)["id_token"])
    in_a_later_second()
    flow = ask(prompt="login")
    answer = asked_anew(known, flow.begin(known))
    after = claims(exchanged(flow, answered(flow, known, answer)["code"])["id_token"])
    assert (after["sub"], after["auth_time"] > before["auth_time"]) == (before["sub"], True)


def test_oidcc_prompt_none_not_logged_in(ask: Ask, stranger: Browser) -> None:
    wants_a_page = {"login_required", "interaction_required", "account_selection_required", "consent_required"}
    assert refusal(ask(prompt="none"), stranger) in wants_a_page


def test_oidcc_prompt_none_logged_in(ask: Ask, known: Browser) -> None:
    before, after = (claims(signed_in_at(ask(prompt=prompt), known)["id_token"]) for prompt in (None, "none"))
    assert (before["sub"], before["auth_time"]) == (after["sub"], after["auth_time"])


def test_oidcc_max_age_1(ask: Ask, known: Browser) -> None:
    before = claims(signed_in_at(ask(), known)["id_token"])
    in_a_later_second(2)
    flow = ask(max_age="1")
    answer = asked_anew(known, flow.begin(known))
    after = claims(exchanged(flow, answered(flow, known, answer)["code"])["id_token"])
    assert after["auth_time"] > before["auth_time"]
    assert after["iat"] - after["auth_time"] < 10, "recent"


def test_oidcc_max_age_10000(ask: Ask, known: Browser) -> None:
    before, after = (claims(signed_in_at(ask(max_age=age), known)["id_token"]) for age in (None, "10000"))
    assert (before["sub"], before["auth_time"]) == (after["sub"], after["auth_time"])


def test_oidcc_ensure_request_with_unknown_parameter_succeeds(ask: Ask, browser: Browser) -> None:
    assert signed_in_at(ask(extra="foobar"), browser)


def test_oidcc_id_token_hint(ask: Ask, known: Browser) -> None:
    hint = signed_in_at(ask(), known)["id_token"]
    after = claims(signed_in_at(ask(prompt="none", id_token_hint=hint), known)["id_token"])
    assert after["sub"] == claims(hint)["sub"]


def test_oidcc_login_hint(ask: Ask, browser: Browser) -> None:
    assert signed_in_at(ask(login_hint="buffy@example.com"), browser)


def test_oidcc_ui_locales(ask: Ask, browser: Browser) -> None:
    assert signed_in_at(ask(ui_locales="se"), browser)


def test_oidcc_claims_locales(ask: Ask, browser: Browser) -> None:
    assert signed_in_at(ask(claims_locales="se"), browser)


def test_oidcc_ensure_request_with_acr_values_succeeds(ask: Ask, known: Browser) -> None:
    offered = known.get(METADATA).json()["acr_values_supported"]
    flow = ask(acr_values=" ".join(offered))
    assert claims(signed_in_at(flow, known)["id_token"])["acr"] in offered


def test_oidcc_ensure_registered_redirect_uri(ask: Ask, browser: Browser) -> None:
    answer = ask(redirect_uri="https://shop.example/cb-not-registered").begin(browser)
    assert (answer.status_code, "Location" in answer) == (400, False)
    assert b"Let" not in answer.content


def test_oidcc_ensure_post_request_succeeds(ask: Ask, browser: Browser) -> None:
    flow = ask()
    answer = browser.http.post(AUTHORIZE, flow.parameters)
    assert answer.status_code == 303
    assert exchanged(flow, answered(flow, browser, answer)["code"])


def unsigned_object(**members: str) -> str:
    return forge.unsigned({"alg": "none"}, members)


def test_oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported(ask: Ask, browser: Browser) -> None:
    assert refusal(ask(request_uri="https://shop.example/request.jwt"), browser) == "request_uri_not_supported"


def test_oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported(ask: Ask, browser: Browser) -> None:
    assert refusal(ask(request=unsigned_object(nonce="another")), browser) == "request_not_supported"


def test_oidcc_ensure_request_object_with_redirect_uri(ask: Ask, browser: Browser) -> None:
    """An object that is passed over would fail: the address in the query is not the one in the object."""
    elsewhere = unsigned_object(redirect_uri="https://shop.example/cb2")
    assert refusal(ask(request=elsewhere), browser) == "request_not_supported"
