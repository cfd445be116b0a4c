"""Joining and signing in with a real browser and a virtual authenticator, on a phone in the dark as well."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.test_chromium import ARGUMENTS, CHROMIUM, OWNER, Visit, sign_in, visiting
from tests.support.app import PASSWORD
from tests.support.phone import Phone
from tests.support.server import Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]
PHONE = {"width": 360, "height": 740}
KEY = {
    **{"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True},
    **{"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True},
}
PAGES = ("sign-in", "sign-up", "verify", "code", "reset", "reset/?token=x", "sign-in/?next=/admin/")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Under a name: browsers make passkeys for no address."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    folder = tmp_path_factory.mktemp("joining")
    with running_server(folder, start=False, env={"REQUIRE_MFA_FOR_STAFF": "true"}) as running:
        running.env["PUBLIC_URL"] = f"http://localhost:{running.port}"
        running.manage("createsuperuser", "--noinput", DJANGO_SUPERUSER_EMAIL=OWNER, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
        running.start()
        yield running


@pytest.fixture(scope="module")
def chromium(server: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


def visit_in(context: BrowserContext, server: Server) -> Visit:
    return visiting(context, server, server.env["PUBLIC_URL"])


@pytest.fixture
def desktop(chromium: Browser, server: Server) -> Iterator[Visit]:
    context = chromium.new_context()
    yield (visit := visit_in(context, server))
    context.close()
    assert visit.complaints == []


@pytest.fixture
def phone(chromium: Browser, server: Server) -> Iterator[Visit]:
    context = chromium.new_context(color_scheme="dark", viewport=PHONE, has_touch=True, is_mobile=True)  # type: ignore[arg-type]
    yield (visit := visit_in(context, server))
    context.close()
    assert visit.complaints == []


def mailed_code(server: Server, email: str) -> str:
    server.manage("worker", "--once")
    mails = "".join(path.read_text() for path in sorted(server.mail.glob("*")))
    return re.findall(r"^ +(\d{3} \d{3})", mails.rpartition(f"To: {email}")[2], re.MULTILINE)[0]


def with_key(visit: Visit) -> None:
    devtools = visit.page.context.new_cdp_session(visit.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def sign_out(visit: Visit) -> None:
    page = visit.open("/account/sign-out/")
    visit.follow(page.get_by_role("main").get_by_role("button", name="Sign out"))
    visit.says("You are signed out")


def fits(visit: Visit) -> bool:
    return bool(visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def test_join_by_password_verify_and_come_back(desktop: Visit, server: Server) -> None:
    page = desktop.open("/account/sign-up/?next=/account/security/")
    page.get_by_label("Your name").fill("Nia")
    page.get_by_label("E-mail address").fill("nia@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    desktop.press("Create account")
    desktop.says("We have sent a mail to nia@example.com")
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.get_by_label("Six digits").fill(mailed_code(server, "nia@example.com"))
    desktop.press("Confirm")
    page.wait_for_url("**/account/security/")
    sign_out(desktop)
    sign_in(desktop, "nia@example.com", PASSWORD, "/account/security/")


def test_join_by_passkey_on_a_phone_and_come_back_with_it(phone: Visit, server: Server) -> None:
    with_key(phone)
    page = phone.open("/account/sign-up/?next=/account/security/")
    page.get_by_label("Your name").fill("Pia")
    page.get_by_label("E-mail address").fill("pia@example.com")
    phone.press("Use a passkey instead")
    phone.says("We have sent a mail to pia@example.com")
    page.get_by_label("Six digits").fill(mailed_code(server, "pia@example.com"))
    phone.press("Confirm")
    page.wait_for_url("**/account/security/")
    sign_out(phone)
    page.goto(f"{phone.url}/account/sign-in/?next=/account/security/")
    # The virtual authenticator takes the suggestion of the address field by itself.
    page.wait_for_url("**/account/security/")


def test_staff_set_up_an_app_on_a_phone_and_come_back_with_its_code(phone: Visit) -> None:
    page = phone.open("/account/sign-in/?next=/admin/")
    page.get_by_label("E-mail address").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Sign in")
    page.get_by_text("Type it instead").click()
    app = Phone(page.locator("code.secret").inner_text().replace(" ", ""))
    assert fits(phone)
    page.get_by_label("Six digits").fill(app.wrong_code())
    phone.follow(page.get_by_role("button", name="Turn it on"))
    expect(page.get_by_label("Six digits")).to_be_focused()
    page.get_by_label("Six digits").fill(app.code())
    phone.press("Turn it on")
    phone.says("Save your recovery codes")
    assert fits(phone)
    page.get_by_role("link", name="I have saved them").click()
    page.wait_for_url("**/admin/")
    page.context.clear_cookies()
    phone.open("/account/sign-in/?next=/admin/")
    page.get_by_label("E-mail address").fill(OWNER)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    phone.press("Sign in")
    page.get_by_label("Code of your authenticator app").fill(app.code(1))
    phone.press("Confirm")
    page.wait_for_url("**/admin/")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_fit_a_small_phone_and_label_every_field(chromium: Browser, server: Server, theme: str) -> None:
    context = chromium.new_context(color_scheme="dark" if theme == "dark" else "light", viewport={"width": 320, "height": 640})
    visit = visit_in(context, server)
    for path in PAGES:
        page = visit.open(f"/account/{path}/" if "?" not in path else f"/account/{path}")
        assert fits(visit), path
        unlabelled = "[...document.querySelectorAll('input:not([type=hidden], [aria-hidden])')].filter(f => !f.labels.length)"
        assert page.evaluate(f"{unlabelled}.map(f => f.name)") == [], path
        small = "[...document.querySelectorAll('main button:not([hidden]), main .button')].filter(b => b.offsetHeight < 44)"
        assert page.evaluate(f"{small}.map(b => b.textContent)") == [], path
    context.close()
    assert visit.complaints == []
