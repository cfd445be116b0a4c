"""One person's whole way in a real browser: join, verify, add a passkey, sign out, come back with it."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_chromium import Visit
from tests.browser.test_chromium_joining import chromium as chromium
from tests.browser.test_chromium_joining import mailed_code, sign_out, with_key
from tests.browser.test_chromium_joining import phone as phone
from tests.browser.test_chromium_joining import server as server
from tests.support.app import PASSWORD
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def test_somebody_joins_adds_a_passkey_and_comes_back_with_it(phone: Visit, server: Server) -> None:
    with_key(phone)
    page = phone.open("/account/sign-up/")
    page.get_by_label("E-mail address").fill("wanda@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Create account")
    phone.says("We have sent a mail to wanda@example.com")
    page.get_by_label("Six digits").fill(mailed_code(server, "wanda@example.com"))
    phone.press("Confirm")
    page.wait_for_url("**/account/security/")
    phone.says("Your address is confirmed.")
    phone.press("Add a passkey")
    # A mailed code opened this browser; the password is the stronger proof that a new way in wants (SECURITY P-10).
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Confirm")
    phone.says("Confirmed. Now add the passkey.")
    phone.press("Add a passkey")
    phone.says("The passkey has been added.")
    sign_out(phone)
    page.goto(f"{phone.url}/account/sign-in/")
    # The virtual authenticator takes the suggestion of the address field by itself.
    page.wait_for_url("**/account/security/")
    expect(page.locator(".sublist")).to_contain_text("Last used on")
