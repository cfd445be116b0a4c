"""The pages of which the suite wants a picture, in Chromium; the pictures go to `var/screenshots`, by the name of the module."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.test_chromium import ARGUMENTS, CHROMIUM
from tests.oidc.conformance.conftest import Ask
from tests.oidc.conformance.walk import in_a_later_second
from tests.oidc.flow import header
from tests.oidc.parties import SIGNED_OUT, Party
from tests.support import forge
from tests.support.browser import Browser
from tests.support.server import ROOT, Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

Look = Callable[[str, str], None]
FOLDER = ROOT / "var" / "screenshots"
LOGOUT = "oidcc-rp-initiated-logout-"
REFUSED, ASKS, IS_OUT = "This does not lead on", "Sign out", "You are signed out"
NOT_OUT = "This sign-out did not work"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Chromium, server: Server, browser: Browser, hint: str) -> Iterator[Page]:
    """Of the browser in which Alice signed in to the client."""
    context = chromium.new_context(base_url=server.url, viewport={"width": 1000, "height": 640})
    kept = [(cookie.key, cookie.value) for cookie in browser.http.cookies.values() if cookie.value]
    context.add_cookies([{"name": name, "value": value, "url": server.url} for name, value in kept])
    yield context.new_page()
    context.close()


def unsigned(hint: str) -> str:
    return forge.unsigned({**header(hint), "alg": "none"}, forge.opened(hint)[1])


@pytest.fixture
def look(page: Page) -> Look:
    """The page has this heading; its picture is kept under this name."""

    def kept(name: str, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        page.screenshot(path=Path(FOLDER, f"{name}.png"), full_page=True)

    return kept


@pytest.mark.parametrize(("module", "asked"), [("prompt-login", {"prompt": "login"}), ("max-age-1", {"max_age": "1"})])
def test_second_sign_in_asks_once_more(page: Page, look: Look, walk: Ask, web: Party, module: str, asked: dict[str, str]) -> None:
    in_a_later_second(2)
    page.goto(walk(web, **asked).path)
    look(f"oidcc-{module}", "Confirm that it is you")


def test_address_that_is_not_registered_is_refused(page: Page, look: Look, walk: Ask, web: Party) -> None:
    page.goto(walk(web, redirect_uri="https://shop.example/cb-not-registered").path)
    look("oidcc-ensure-registered-redirect-uri", REFUSED)


@pytest.mark.parametrize("module", ["no-params", "only-state"])
def test_sign_out_that_anybody_could_have_begun_asks_first(page: Page, look: Look, module: str) -> None:
    page.goto("/oauth/logout" if module == "no-params" else "/oauth/logout?state=x")
    look(f"{LOGOUT}{module}-asks", ASKS)
    page.get_by_role("button", name="Sign out", exact=True).click()
    look(f"{LOGOUT}{module}", IS_OUT)


def test_sign_out_that_leads_nowhere_says_so(page: Page, look: Look, hint: str) -> None:
    page.goto(f"/oauth/logout?{urlencode({'id_token_hint': hint})}")
    look(f"{LOGOUT}no-post-logout-redirect-uri", IS_OUT)


@pytest.mark.parametrize(
    ("module", "uri", "bent"),
    [
        ("bad-post-logout-redirect-uri", f"{SIGNED_OUT}-not-registered", str),
        ("query-added-to-post-logout-redirect-uri", f"{SIGNED_OUT}?extra=foobar", str),
        ("bad-id-token-hint", SIGNED_OUT, forge.altered),
        ("modified-id-token-hint", SIGNED_OUT, unsigned),
        ("no-id-token-hint", SIGNED_OUT, lambda hint: ""),
    ],
)
def test_sign_out_that_is_not_right_is_refused(
    page: Page, look: Look, hint: str, module: str, uri: str, bent: Callable[[str], str]
) -> None:
    asked = {"id_token_hint": bent(hint), "post_logout_redirect_uri": uri, "state": "x"}
    page.goto(f"/oauth/logout?{urlencode(asked)}")
    look(f"{LOGOUT}{module}", NOT_OUT)
