"""oidcc-rp-initiated-logout-certification-test-plan: back to the client where all is right, a page of ours where not."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.oidc.flow import Flow, header, sent
from tests.oidc.parties import SIGNED_OUT, Party
from tests.support import forge
from tests.support.browser import Answer, Browser

pytestmark = pytest.mark.slow

LOGOUT, CONFIRMED = "/oauth/logout", "/account/sign-out/confirmed/"


@pytest.fixture
def hint(web: Party, browser: Browser) -> str:
    return str(Flow(web).tokens(browser)["id_token"])


def leave(browser: Browser, **asked: str) -> Answer:
    return browser.get(f"{LOGOUT}?{urlencode(asked)}")


def is_out(browser: Browser, party: Party) -> bool:
    """What the suite asks last: a request with prompt=none."""
    return sent(Flow(party, {"prompt": "none"}).begin(browser)).get("error") == "login_required"


def assert_page_and_no_redirect(answer: Answer, status: int) -> None:
    assert (answer.status_code, "Location" in answer) == (status, False)
    assert b"http-equiv" not in answer.content


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(db: None) -> None:
    told = Browser().get("/.well-known/openid-configuration").json()
    assert told["end_session_endpoint"] == f"http://testserver{LOGOUT}"


def test_oidcc_rp_initiated_logout(web: Party, browser: Browser, hint: str) -> None:
    answer = leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT, state="a state")
    where = urlsplit(answer["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == SIGNED_OUT
    assert parse_qsl(where.query) == [("state", "a state")]
    assert is_out(browser, web)


def test_oidcc_rp_initiated_logout_no_state(web: Party, browser: Browser, hint: str) -> None:
    assert leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT
    assert is_out(browser, web)


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(browser: Browser, hint: str) -> None:
    refused = leave(browser, id_token_hint=hint, post_logout_redirect_uri=f"{SIGNED_OUT}-not-registered", state="x")
    assert_page_and_no_redirect(refused, 400)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(browser: Browser, hint: str) -> None:
    refused = leave(browser, id_token_hint=hint, post_logout_redirect_uri=f"{SIGNED_OUT}?extra=foobar", state="x")
    assert_page_and_no_redirect(refused, 400)


def test_oidcc_rp_initiated_logout_bad_id_token_hint(browser: Browser, hint: str) -> None:
    refused = leave(browser, id_token_hint=forge.altered(hint), post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_page_and_no_redirect(refused, 400)


def test_oidcc_rp_initiated_logout_modified_id_token_hint(browser: Browser, hint: str) -> None:
    unsigned = forge.unsigned({**header(hint), "alg": "none"}, forge.opened(hint)[1])
    refused = leave(browser, id_token_hint=unsigned, post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_page_and_no_redirect(refused, 400)


def test_oidcc_rp_initiated_logout_no_id_token_hint(browser: Browser, hint: str) -> None:
    assert_page_and_no_redirect(leave(browser, post_logout_redirect_uri=SIGNED_OUT, state="x"), 400)


def test_oidcc_rp_initiated_logout_no_params(web: Party, browser: Browser, hint: str) -> None:
    assert_page_and_no_redirect(leave(browser), 200)
    assert_page_and_no_redirect(browser.post(CONFIRMED), 200)
    assert is_out(browser, web)


def test_oidcc_rp_initiated_logout_only_state(web: Party, browser: Browser, hint: str) -> None:
    assert_page_and_no_redirect(leave(browser, state="x"), 200)
    assert_page_and_no_redirect(browser.post(CONFIRMED, {"state": "x"}), 200)
    assert is_out(browser, web)


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(web: Party, browser: Browser, hint: str) -> None:
    assert_page_and_no_redirect(leave(browser, id_token_hint=hint), 200)
    assert is_out(browser, web)
