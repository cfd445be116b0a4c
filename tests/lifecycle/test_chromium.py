"""The account pages in a real browser: a passkey from a virtual authenticator, a phone's width, leaving and coming back."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.app import PASSWORD
from tests.support.phone import Phone
from tests.support.server import Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PHONE = {
    **{"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True},
    **{"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True},
}
PAGES = [
    *("security/", "security/password/", "security/authenticator/", "profile/", "profile/email/", "export/", "delete/"),
    *("deleted/", "not-me/?token=x"),
]
SEED = """
from django.utils import timezone
from accounts.users.models import User
for name in ("alice", "bob", "carol", "dave"):
    User.objects.create_user(f"{name}@example.com", %r, name=name.title(), email_verified_at=timezone.now())
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """At `localhost`: browsers make passkeys for no address, but for this name."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with running_server(tmp_path_factory.mktemp("account"), workers=1, start=False) as running:
        running.env["PUBLIC_URL"] = f"http://localhost:{running.port}"
        running.manage("shell", "-c", SEED % PASSWORD)
        running.start()
        yield running


@pytest.fixture(scope="module")
def chromium(server: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    """A small phone in dark mode; the console stays silent."""
    said: list[str] = []
    size = {"width": 360, "height": 740}
    context = chromium.new_context(base_url=server.env["PUBLIC_URL"], viewport=size, color_scheme="dark")  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert [line for line in said if "responded with a status of 4" not in line] == []


def type_password(page: Page, name: str) -> None:
    page.goto("/account/sign-in/?next=/account/security/")
    page.get_by_label("E-mail address").fill(f"{name}@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_in(page: Page, name: str) -> None:
    type_password(page, name)
    page.wait_for_url("**/account/security/")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def mailed_link(server: Server, to: str, page_path: str) -> str:
    server.manage("worker", "--once")
    text = "".join(path.read_text() for path in server.mail.glob("*")).replace("=\n", "").replace("=3D", "=")
    found = re.findall(rf"http://localhost:\d+{page_path}\?token=[\w.-]+", text.partition(f"To: {to}")[2])
    return str(found[0])


def sign_out(page: Page) -> None:
    page.goto("/account/sign-out/")
    with page.expect_navigation():
        page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("You are signed out")


def test_a_passkey_is_added_on_the_page_and_signs_in(page: Page) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    sign_in(page, "alice")
    press(page, "Add a passkey")
    expect(page.locator(".messages")).to_contain_text("The passkey has been added.")
    expect(page.locator(".messages")).to_be_focused()
    sign_out(page)
    page.goto("/account/sign-in/?next=/account/security/")
    # The virtual authenticator takes the suggestion of the address field by itself.
    page.wait_for_url("**/account/security/")
    expect(page.locator("#devices")).to_contain_text("This device")


def test_adding_a_passkey_goes_on_after_the_proof_that_it_wants(page: Page) -> None:
    sign_in(page, "bob")
    stale = {"code": "insufficient_user_authentication", "detail": "…"}
    page.route("**/api/v1/me/passkeys/options/", lambda route: route.fulfill(status=401, json=stale))
    press(page, "Add a passkey")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    press(page, "Confirm")
    button = page.get_by_role("button", name="Add a passkey")
    expect(button).to_be_focused()
    expect(button).to_have_accessible_description("Confirmed. Now add the passkey.")


def test_an_authenticator_app_is_set_up_on_the_page_and_its_code_signs_in(page: Page) -> None:
    sign_in(page, "dave")
    page.get_by_role("link", name="Set up").click()
    press(page, "Show the picture")
    page.get_by_text("Cannot scan?").click()
    app = Phone(page.locator("code.secret").inner_text().replace(" ", ""))
    page.get_by_label("Six-digit code").fill(app.code())
    press(page, "Turn it on")
    expect(page.locator("h1")).to_have_text("Keep your recovery codes")
    sign_out(page)
    type_password(page, "dave")
    page.get_by_label("Code of your authenticator app").fill(app.code(1))
    press(page, "Confirm")
    page.wait_for_url("**/account/security/")
    expect(page.locator("#devices")).to_contain_text("This device")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_a_small_phone(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(page, "bob")
    for path in PAGES:
        page.goto(f"/account/{path}")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.locator("h1").count() == 1, path


def test_everything_that_can_be_pressed_has_a_name_and_is_large_enough_for_a_thumb(page: Page) -> None:
    sign_in(page, "bob")
    for path in PAGES:
        page.goto(f"/account/{path}")
        for control in page.locator("main button:visible, main .button:visible, main input:visible").all():
            box = control.bounding_box()
            assert box, path
            if box["width"] > 1:
                assert box["height"] >= 44, (path, control.evaluate("node => node.outerHTML"))


def test_the_menu_opens_without_a_script_and_leads_to_the_profile(page: Page) -> None:
    sign_in(page, "bob")
    page.locator(".account summary").click()
    page.locator(".account").get_by_role("link", name="Profile").click()
    page.wait_for_url("**/account/profile/")


def test_what_is_drawn_before_a_link_is_not_read_out(page: Page) -> None:
    sign_in(page, "bob")
    page.goto("/account/security/password/")
    expect(page.locator(".back")).to_have_accessible_name("Security")


def test_somebody_leaves_and_comes_back_by_the_mailed_link(page: Page, server: Server) -> None:
    sign_in(page, "carol")
    page.goto("/account/delete/")
    page.get_by_label("Type carol@example.com to confirm").fill("carol@example.com")
    press(page, "Delete my account")
    expect(page.locator("h1")).to_have_text("Your account is closed")
    page.goto("/account/security/")
    page.wait_for_url("**/account/sign-in/**")
    page.goto(mailed_link(server, "carol@example.com", "/account/delete/cancel/"))
    press(page, "Keep my account")
    expect(page.locator("body")).to_contain_text("Your account stays.")
    sign_in(page, "carol")
