"""The meter beside a new password in a real browser: it advises while one types, in words and as a bar, and stops nobody."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.test_chromium import OWNER, Visit, chromium, server, sign_in, visit, visiting
from tests.support.app import PASSWORD
from tests.support.server import Server

__all__ = ["chromium", "server", "visit"]
pytestmark = [pytest.mark.processes, pytest.mark.slow]
STRONG = "plough-velvet-comet-arcade-9"


@pytest.fixture
def german_phone(chromium: Browser, server: Server) -> Iterator[Visit]:
    context = chromium.new_context(color_scheme="dark", viewport={"width": 360, "height": 740}, locale="de-DE")
    yield (phone := visiting(context, server))
    context.close()
    assert phone.complaints == []


def meter_of(page: Page) -> tuple[Locator, Locator]:
    """The field, and the meter below it."""
    return page.locator("[autocomplete=new-password]"), page.locator("[data-strength]")


def shows(meter: Locator, score: str, words: str) -> None:
    expect(meter).to_have_attribute("data-score", score)
    expect(meter.locator("[aria-live=polite]")).to_contain_text(words)


def test_P01_meter_follows_what_is_typed(visit: Visit) -> None:
    field, meter = meter_of(visit.open("/account/sign-up/"))
    expect(meter.locator("p")).to_be_hidden()
    field.fill("short")
    shows(meter, "0", "Too short so far.")
    field.fill("password1234")
    shows(meter, "1", "Easy to guess. This is a very common password.")
    field.fill(STRONG)
    shows(meter, "4", "Very hard to guess.")
    field.fill("")
    expect(meter.locator("p")).to_be_empty()


def test_P01_meter_sends_no_cookie_and_the_typed_address(visit: Visit) -> None:
    page = visit.open("/account/sign-up/")
    page.get_by_label("E-mail address").fill("kwyjibo.quixotl@example.com")
    with page.expect_request(re.compile("/auth/password/strength/")) as asked:
        page.locator("[autocomplete=new-password]").fill("kwyjibo.quixotl")
    assert '"email":"kwyjibo.quixotl@example.com"' in (asked.value.post_data or "")
    assert "cookie" not in asked.value.all_headers()
    shows(page.locator("[data-strength]"), "0", "guess")


def test_P01_meter_fits_a_phone_in_german_and_in_the_dark(german_phone: Visit) -> None:
    page = german_phone.open("/account/sign-up/")
    field, meter = meter_of(page)
    field.fill("qwertzuiop12")
    expect(meter.locator("p")).to_contain_text("zu erraten")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_P01_meter_stands_on_the_account_page(visit: Visit) -> None:
    sign_in(visit, OWNER, PASSWORD)
    field, meter = meter_of(visit.open("/account/security/password/"))
    field.fill(OWNER)
    shows(meter, "0", "guess")
