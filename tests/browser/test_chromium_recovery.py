"""A forgotten password and a lost laptop, with a real browser."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.test_chromium import OWNER, Visit, sign_in, visiting
from tests.browser.test_chromium import chromium as chromium
from tests.browser.test_chromium import server as server
from tests.support.app import PASSWORD
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]
CAROL = "carol@example.com"
NEW = "a quite different staple"


@pytest.fixture
def visits(chromium: Browser, server: Server) -> Iterator[list[Visit]]:
    """Two browsers of one person."""
    contexts = [chromium.new_context() for _ in range(2)]
    yield (made := [visiting(context, server) for context in contexts])
    for context in contexts:
        context.close()
    assert [visit.complaints for visit in made] == [[], []]


def mailed_link(server: Server, email: str) -> str:
    server.manage("worker", "--once")
    mails = "".join(path.read_text() for path in sorted(server.mail.glob("*"))).replace("=\n", "").replace("=3D", "=")
    # Of all their mails: the notice about a new device may have come after it.
    found: list[str] = re.findall(r"http://[^\s\"<]+/reset/\?token=[\w.-]+", mails.partition(f"To: {email}")[2])
    return found[-1]


@pytest.mark.deadline
def test_security_page_signs_another_browser_out(visits: list[Visit]) -> None:
    here, there = visits
    sign_in(there, OWNER, PASSWORD, "/account/security/")
    sign_in(here, OWNER, PASSWORD, "/account/security/")
    others = here.page.locator("li:not(:has-text('This device'))").get_by_role("button", name="Sign out")
    others.first.click()
    here.says("The device has been signed out.")
    # The other worker hears of it within a second.
    there.page.wait_for_timeout(1200)
    there.page.goto(f"{there.url}/account/security/")
    there.page.wait_for_url("**/account/sign-in/**")


@pytest.mark.deadline
def test_forgotten_password_is_chosen_anew_by_the_mailed_link(visits: list[Visit], server: Server) -> None:
    here, there = visits
    server.manage("createsuperuser", "--noinput", DJANGO_SUPERUSER_EMAIL=CAROL, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    sign_in(there, CAROL, PASSWORD, "/account/security/")
    here.open("/account/sign-in/")
    here.page.get_by_label("E-mail address").fill(CAROL)
    here.follow(here.page.get_by_role("link", name="Forgot your password?"))
    expect(here.page.get_by_label("E-mail address")).to_have_value(CAROL)
    here.follow(here.page.get_by_role("main").get_by_role("button").first)
    here.page.goto(mailed_link(server, CAROL))
    here.page.get_by_label("New password", exact=True).fill(NEW)
    here.follow(here.page.get_by_role("button", name="Set password", exact=True))
    sign_in(here, CAROL, NEW, "/account/security/")
    there.page.wait_for_timeout(1200)
    there.page.goto(f"{there.url}/account/security/")
    there.page.wait_for_url("**/account/sign-in/**")
