"""What the page says when no passkey comes of it, in a real browser."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.test_chromium import Visit
from tests.browser.test_chromium_joining import chromium as chromium
from tests.browser.test_chromium_joining import desktop as desktop
from tests.browser.test_chromium_joining import server as server

pytestmark = [pytest.mark.processes, pytest.mark.slow]
OPTIONS = "**/auth/passkeys/register/options/"
CANCEL = "navigator.credentials.create = () => Promise.reject(new DOMException('', 'NotAllowedError'))"


def to_passkey(visit: Visit, email: str) -> Page:
    page = visit.open("/account/sign-up/")
    page.get_by_label("E-mail address").fill(email)
    return page


def refuses(status: int) -> Callable[[Route], None]:
    def answer(route: Route) -> None:
        route.fulfill(status=status, json={"code": "refused", "detail": "…"})

    return answer


@pytest.mark.parametrize("address", ["", "nobody", "nobody@nowhere"])
def test_sign_up_says_at_the_field_that_the_address_is_none(desktop: Visit, address: str) -> None:
    page = to_passkey(desktop, address)
    desktop.press("Use a passkey instead")
    field = page.get_by_label("E-mail address")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    assert not field.evaluate("field => field.checkValidity()")
    field.fill("somebody@example.com")
    assert field.evaluate("field => field.checkValidity() && !field.hasAttribute('aria-invalid')")


def test_somebody_who_cancels_is_told_gently_and_keeps_the_focus(desktop: Visit) -> None:
    page = to_passkey(desktop, "cora@example.com")
    page.evaluate(f"() => {{ {CANCEL} }}")
    desktop.press("Use a passkey instead")
    told = page.get_by_role("alert")
    expect(told).to_have_text("Nothing happened. Try again, or use another way.")
    expect(told).to_have_class("notice")
    expect(page.get_by_role("button", name="Use a passkey instead")).to_be_focused()


@pytest.mark.parametrize(("status", "sentence"), [(429, "Too many attempts."), (503, "The server cannot be reached just now.")])
def test_what_the_server_refuses_is_told_by_its_reason(desktop: Visit, status: int, sentence: str) -> None:
    page = to_passkey(desktop, "cora@example.com")
    page.route(OPTIONS, refuses(status))
    desktop.press("Use a passkey instead")
    expect(page.get_by_role("alert")).to_contain_text(sentence)
    desktop.complaints.clear()  # of the 503
