"""oidcc-rp-initiated-logout-certification-test-plan: back to the client where all is right, a page of ours where not."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.oidc.conformance.conftest import Ask
from tests.oidc.conformance.walk import METADATA
from tests.oidc.flow import header, sent
from tests.oidc.parties import SIGNED_OUT, Party
from tests.support import forge
from tests.support.browser import Answer, Browser
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

Silent = Callable[[], str]
LOGOUT, CONFIRMED = "/oauth/logout", "/account/sign-out/confirmed/"
STATE = "a state " * 16
"""As long as the suite's."""


@pytest.fixture
def ask_silently(walk: Ask, web: Party, browser: Browser) -> Silent:
    """What the suite does last: `prompt=none`. Answers the error that came of it."""
    return lambda: sent(walk(web, prompt="none").begin(browser)).get("error", "")


def leave(browser: Browser, **asked: str) -> Answer:
    return browser.get(f"{LOGOUT}?{urlencode(asked)}")


def assert_page_and_no_redirect(answer: Answer, status: int) -> None:
    assert (answer.status_code, "Location" in answer) == (status, False)
    assert b"http-equiv" not in answer.content


def assert_nothing_happened(answer: Answer, ask_silently: Silent) -> None:
    assert_page_and_no_redirect(answer, 400)
    assert ask_silently() == ""


def test_oidcc_rp_initiated_logout_discovery_endpoint_verification(server: Server, stranger: Browser) -> None:
    assert stranger.get(METADATA).json()["end_session_endpoint"] == f"{server.url}{LOGOUT}"


def test_oidcc_rp_initiated_logout(browser: Browser, hint: str, ask_silently: Silent) -> None:
    answer = leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT, state=STATE)
    where = urlsplit(answer["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == SIGNED_OUT
    assert parse_qsl(where.query) == [("state", STATE)]
    assert ask_silently() == "login_required"


def test_oidcc_rp_initiated_logout_no_state(browser: Browser, hint: str, ask_silently: Silent) -> None:
    assert leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT
    assert ask_silently() == "login_required"


def test_oidcc_rp_initiated_logout_bad_post_logout_redirect_uri(browser: Browser, hint: str, ask_silently: Silent) -> None:
    refused = leave(browser, id_token_hint=hint, post_logout_redirect_uri=f"{SIGNED_OUT}-not-registered", state="x")
    assert_nothing_happened(refused, ask_silently)


def test_oidcc_rp_initiated_logout_query_added_to_post_logout_redirect_uri(
    browser: Browser, hint: str, ask_silently: Silent
) -> None:
    refused = leave(browser, id_token_hint=hint, post_logout_redirect_uri=f"{SIGNED_OUT}?extra=foobar", state="x")
    assert_nothing_happened(refused, ask_silently)


def test_oidcc_rp_initiated_logout_bad_id_token_hint(browser: Browser, hint: str, ask_silently: Silent) -> None:
    refused = leave(browser, id_token_hint=forge.altered(hint), post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_nothing_happened(refused, ask_silently)


def test_oidcc_rp_initiated_logout_modified_id_token_hint(browser: Browser, hint: str, ask_silently: Silent) -> None:
    unsigned = forge.unsigned({**header(hint), "alg": "none"}, forge.opened(hint)[1])
    refused = leave(browser, id_token_hint=unsigned, post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert_nothing_happened(refused, ask_silently)


def test_oidcc_rp_initiated_logout_no_id_token_hint(browser: Browser, hint: str, ask_silently: Silent) -> None:
    assert_nothing_happened(leave(browser, post_logout_redirect_uri=SIGNED_OUT, state="x"), ask_silently)


def test_oidcc_rp_initiated_logout_no_params(browser: Browser, hint: str, ask_silently: Silent) -> None:
    assert_page_and_no_redirect(leave(browser), 200)
    assert_page_and_no_redirect(browser.post(CONFIRMED), 200)
    assert ask_silently() == "login_required"


def test_oidcc_rp_initiated_logout_only_state(browser: Browser, hint: str, ask_silently: Silent) -> None:
    assert_page_and_no_redirect(leave(browser, state="x"), 200)
    assert_page_and_no_redirect(browser.post(CONFIRMED, {"state": "x"}), 200)
    assert ask_silently() == "login_required"


def test_oidcc_rp_initiated_logout_no_post_logout_redirect_uri(browser: Browser, hint: str, ask_silently: Silent) -> None:
    assert_page_and_no_redirect(leave(browser, id_token_hint=hint), 200)
    assert ask_silently() == "login_required"
