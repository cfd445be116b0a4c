"""Where an answer of the authorization endpoint may go, and that nothing leaves before that is known."""

from itertools import product

import pytest

from accounts.users.models import User
from tests.oidc.flow import Flow, sent, signed_in
from tests.oidc.parties import CALLBACK, Party
from tests.support.browser import Answer, Browser

HOST = "https://shop.example"
ATTACKS = [
    *(f"{CALLBACK}{tail}" for tail in ("/", "/x", "x", "?", "?x=1", "#", "#x", ";x", "%2f", "%00", "&x", "//")),
    *(f"{CALLBACK}{tail}" for tail in ("/..", "/../evil", "..", f" {CALLBACK}")),
    *(f"{HOST}{path}" for path in ("", "/", "/CB", "/%63b", "/a/../cb", "/..;/cb", "/%2e%2e/cb", "//cb", "/ cb")),
    *("https://shop.example\\cb", "https://shop.example/cb\\", "HTTPS://shop.example/cb", "https://SHOP.example/cb"),
    *("http://shop.example/cb", "https://shop.example:443/cb", "https://shop.example:8443/cb", "//shop.example/cb"),
    *("https://shop.example.evil.example/cb", "https://evil.example/cb", "https://shop.example@evil.example/cb"),
    *("https://evil.example\\@shop.example/cb", "https://user@shop.example/cb", "https://shop.example./cb", "/cb", "cb"),
    *("https://*.example/cb", "https://shop.example%2eevil.example/cb", "https://shоp.example/cb", "javascript:alert(1)"),
    *("data:text/html,x", "com.example.app:/cb", "http://127.0.0.1/cb", "https://shop.example\r\n.evil/cb"),
    " https://shop.example/cb",
]
WRONG = [{"client_id": "c_nobody"}, {"client_id": None}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": None}]
REFUSED_LATER = [
    {"response_type": "token"},
    {"prompt": "none"},
    {"scope": "openid admin"},
    {"request": "eyJ"},
    {"request_uri": "https://evil.example/r"},
    {"response_mode": "form_post", "scope": "x"},
    {},
]


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def assert_stays_here(answer: Answer) -> None:
    assert answer.status_code == 400
    assert "Location" not in answer
    assert answer["Content-Type"].startswith("text/html")
    assert b'http-equiv="refresh"' not in answer.content
    assert b"<form" not in answer.content


def test_there_are_forty_of_them() -> None:
    assert len(set(ATTACKS)) >= 40


@pytest.mark.parametrize("uri", ATTACKS)
def test_O01_ensure_registered_redirect_uri_by_each_byte(web: Party, browser: Browser, uri: str) -> None:
    assert Flow(web).begin(browser).status_code == 303
    assert_stays_here(Flow(web, {"redirect_uri": uri}).begin(browser))


@pytest.mark.parametrize("uri", ["http://127.0.0.1:49152/cb", "com.example.app:/cb"])
def test_O01_native_app_is_answered_at_its_own(native: Party, uri: str) -> None:
    assert Flow(native, {"redirect_uri": uri}).begin(Browser()).status_code == 303


@pytest.mark.parametrize("uri", ["http://127.0.0.1:1/cb2", "http://localhost/cb", "com.example.app://cb", "com.example.app:/"])
def test_O01_native_app_is_answered_nowhere_else(native: Party, uri: str) -> None:
    assert_stays_here(Flow(native, {"redirect_uri": uri}).begin(Browser()))


@pytest.mark.parametrize(
    ("wrong", "more"),
    list(product(WRONG, REFUSED_LATER)),
    ids=str,
)
def test_O02_nothing_leaves_before_the_client_and_its_address_are_known(
    web: Party, browser: Browser, wrong: dict[str, str | None], more: dict[str, str | None]
) -> None:
    assert_stays_here(Flow(web, {**more, **wrong}).begin(browser))


def test_O02_the_same_refusals_go_to_a_known_address(web: Party, browser: Browser) -> None:
    for more in REFUSED_LATER[:5]:
        assert sent(Flow(web, {**more}).begin(browser))["error"]


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        *(
            ({"response_type": kind}, "unsupported_response_type")
            for kind in ("token", "id_token", "code id_token", "none", "CODE")
        ),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://shop.example/r"}, "request_uri_not_supported"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"scope": "openid notes:read"}, "invalid_scope"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "create"}, "invalid_request"),
        *(({"max_age": age}, "invalid_request") for age in ("-1", "1.5", "x", "9" * 20, "١")),
        ({"id_token_hint": "x"}, "invalid_request"),
        ({"resource": "https://nobody.example"}, "invalid_target"),
    ],
    ids=str,
)
def test_O07_O08_what_is_not_supported_is_said_in_the_words_of_the_standard(
    web: Party, browser: Browser, asked: dict[str, str | None], error: str
) -> None:
    assert sent(Flow(web, asked).begin(browser))["error"] == error


@pytest.mark.parametrize(
    "asked",
    [
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": "s256"},
        {"code_challenge": ""},
        {"code_challenge": "short"},
        {"code_challenge": "x" * 44},
        {"code_challenge": "é" * 43},
        {"code_challenge": "+" * 43},
    ],
    ids=str,
)
def test_O05_nobody_begins_without_a_sound_challenge(
    web: Party, native: Party, browser: Browser, asked: dict[str, str | None]
) -> None:
    assert sent(Flow(web, asked).begin(browser))["error"] == "invalid_request"
    at_home: dict[str, str | None] = {"redirect_uri": "http://127.0.0.1:1/cb"}
    assert sent(Flow(native, {**at_home, **asked}).begin(browser))["error"] == "invalid_request"


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge", "prompt", "x"])
def test_O28_parameter_that_is_repeated_is_refused(web: Party, browser: Browser, name: str) -> None:
    flow = Flow(web)
    once = flow.parameters.get(name, "")
    assert_stays_here(browser.get(f"{flow.path}&{name}={once}&{name}={once}"))


def test_O33_no_script_of_another_origin_may_read_the_pages(web: Party, browser: Browser) -> None:
    for path in (Flow(web).path, "/account/consent/", "/account/sign-in/"):
        assert "Access-Control-Allow-Origin" not in browser.get(path, Origin="https://shop.example")


@pytest.mark.parametrize("name", ["scope", "prompt", "response_type", "state", "client_id", "redirect_uri", "code_challenge"])
def test_O48_nothing_that_was_sent_comes_back_in_a_refusal(web: Party, browser: Browser, name: str) -> None:
    answer = Flow(web, {name: 'x"\r\nSet-Cookie: a=b <svg>'}).begin(browser)
    assert "a=b" not in str(answer.headers)
    assert b"<svg>" not in answer.content
    if answer.status_code == 303 and name != "state":
        description = sent(answer).get("error_description", "")
        assert all(" " <= sign <= "~" and sign not in '"\\' for sign in description)


def test_O28_what_no_database_takes_is_refused(web: Party, browser: Browser) -> None:
    assert_stays_here(Flow(web, {"nonce": "a\0b"}).begin(browser))
    assert_stays_here(Flow(web, {"state": "x" * 9000}).begin(browser))
