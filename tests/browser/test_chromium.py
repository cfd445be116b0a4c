"""The pages in a real browser: every page works under the strict content security policy, with nothing on the console."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Request, expect, sync_playwright

from tests.support.app import PASSWORD
from tests.support.server import Server, running_server

pytestmark = pytest.mark.processes
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
OWNER = "owner@example.com"
REFUSED = re.compile(r"the server responded with a status of 4\d\d")


@dataclass
class Visit:
    """A page, and everything its console said; a refusal that a test provokes is no complaint."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        self.page.goto(self.url + path)
        return self.page

    def says(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    def follow(self, link: Locator) -> None:
        """Click, and be there: what is asked of the page next is asked of the new one."""
        with self.page.expect_navigation():
            link.click()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def send(self, method: str, body: object) -> None:
        """A request of the browsable API by its raw form."""
        form = self.page.locator(f"form.pane-raw:has([data-method={method}])")
        form.locator("[data-override=content]").fill(json.dumps(body))
        form.locator(f"[data-method={method}]").click()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with running_server(tmp_path_factory.mktemp("chromium")) as running:
        running.manage("createsuperuser", "--noinput", DJANGO_SUPERUSER_EMAIL=OWNER, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
        yield running


@pytest.fixture(scope="module")
def chromium(server: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    context = chromium.new_context()
    yield (visit := visiting(context, server))
    context.close()
    assert visit.complaints == []


@pytest.fixture
def owner(visit: Visit) -> Visit:
    """Signed in as the owner, at the administration."""
    sign_in(visit, OWNER, PASSWORD, "/admin/")
    return visit


def visiting(context: BrowserContext, server: Server, url: str = "") -> Visit:
    """`url`: under another name than its address."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    visit = Visit(page, url or server.url)

    def heard(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not REFUSED.search(message.text):
            visit.complaints.append(f"{page.url} {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((visit.url, "data:")):
            visit.complaints.append(f"{page.url} asked {request.url}")

    page.on("console", heard)
    page.on("request", asked)
    page.on("pageerror", lambda error: visit.complaints.append(f"{page.url} {error}"))
    return visit


def sign_in(visit: Visit, email: str, password: str, target: str = "/") -> None:
    visit.open(f"/account/sign-in/?next={target}")
    visit.page.get_by_label("E-mail address").fill(email)
    visit.page.get_by_label("Password", exact=True).fill(password)
    visit.press("Sign in")
    visit.page.wait_for_url(f"**{target}")


def invited(server: Server, owner: Visit, email: str) -> str:
    """Invite somebody through the admin and answer the link in their mail."""
    owner.open("/admin/accounts/user/add/")
    owner.page.get_by_label("E-mail address").fill(email)
    owner.page.get_by_label("Name").fill("New Person")
    owner.press("Save")
    owner.says(f"An invitation is on its way to {email}.")
    server.manage("worker", "--once")
    mails = "".join(path.read_text() for path in server.mail.glob("*")).replace("=\n", "").replace("=3D", "=")
    found: list[str] = re.findall(r"http://[^\s\"<]+\?token=[\w.-]+", mails.partition(f"To: {email}")[2])
    return found[0]


def test_wrong_password_is_told_and_the_right_one_lets_in(visit: Visit) -> None:
    visit.open("/account/sign-in/")
    visit.page.get_by_label("E-mail address").fill(OWNER)
    visit.page.get_by_label("Password", exact=True).fill("not the password")
    visit.press("Sign in")
    visit.says("The e-mail address or the password is not right.")
    expect(visit.page.get_by_label("Password", exact=True)).to_have_value("")
    visit.page.get_by_label("Password", exact=True).fill(PASSWORD)
    visit.press("Sign in")
    visit.says(OWNER)


def test_signing_out_ends_the_visit(owner: Visit) -> None:
    owner.press("Sign out")
    owner.says("You are signed out")
    owner.open("/admin/")
    assert owner.page.url.endswith("/account/sign-in/?next=%2Fadmin%2F")


def test_browsable_api_makes_changes_and_deletes(owner: Visit) -> None:
    owner.open("/api/v1/groups/")
    owner.send("POST", {"name": "Editors", "permissions": []})
    expect(owner.page.locator(".status")).to_have_text("201 Created")
    owner.open("/api/v1/groups/Editors/")
    owner.send("PATCH", {"name": "Authors"})
    expect(owner.page.locator(".status")).to_have_text("200 OK")
    owner.open("/api/v1/groups/Authors/")
    owner.page.locator("summary", has_text="DELETE").click()
    owner.press("Yes, delete")
    expect(owner.page.locator(".status")).to_have_text("204 No Content")
    assert owner.open("/api/v1/groups/Authors/").locator(".status").inner_text().startswith("404")


def test_browsable_api_shows_what_is_wrong(owner: Visit) -> None:
    owner.open("/api/v1/me/")
    owner.send("PATCH", {"nothing": 1})
    expect(owner.page.locator(".status")).to_have_text("400 Bad Request")
    owner.says("unknown_field")
    owner.send("PATCH", {"name": "The Owner"})
    expect(owner.page.locator(".status")).to_have_text("200 OK")
    owner.says("The Owner")


def test_person_is_invited_and_chooses_a_password(owner: Visit, server: Server, chromium: Browser) -> None:
    link = invited(server, owner, "invited@example.com")
    context = chromium.new_context()
    guest = visiting(context, server)
    guest.page.goto(link)
    guest.page.locator("input[name=new_password]").fill("a password of my own")
    guest.follow(guest.page.locator("form button[type=submit]"))
    sign_in(guest, "invited@example.com", "a password of my own", "/account/security/")
    guest.says("This device")
    context.close()
    assert guest.complaints == []


def test_person_is_disabled_and_enabled(owner: Visit, server: Server) -> None:
    invited(server, owner, "off@example.com")
    owner.page.get_by_role("link", name="off@example.com").click()
    owner.press("Disable")
    owner.says("Disabled: off@example.com.")
    owner.press("Enable")
    owner.says("Enabled: off@example.com.")


def test_enter_in_a_field_of_a_persons_page_saves(owner: Visit) -> None:
    owner.open(f"/admin/accounts/user/?q={OWNER}")
    owner.page.get_by_role("link", name=OWNER).click()
    owner.page.get_by_label("Name").fill("Owner of it all")
    owner.page.get_by_label("Name").press("Enter")
    owner.says("was changed successfully")
    owner.says("Owner of it all")


@pytest.mark.deadline
def test_device_is_signed_out_from_a_persons_page(owner: Visit, server: Server, chromium: Browser) -> None:
    context = chromium.new_context(user_agent="Mozilla/5.0 (Windows NT 10.0) Firefox/150.0")
    other = visiting(context, server)
    sign_in(other, OWNER, PASSWORD, "/account/security/")
    owner.open(f"/admin/accounts/user/?q={OWNER}")
    owner.page.get_by_role("link", name=OWNER).click()
    row = owner.page.locator("#devices tr", has_text="Firefox on Windows").first
    row.get_by_role("button", name="Sign out").click()
    owner.says("Firefox on Windows has been signed out.")
    other.page.wait_for_timeout(1100)
    other.page.reload()
    assert "/account/sign-in/" in other.page.url
    context.close()
    assert other.complaints == []


def test_keys_page_rotates_and_asks_before_a_pull(owner: Visit) -> None:
    owner.open("/admin/accounts/signingkey/")
    owner.press("Rotate")
    owner.says("Nothing was changed: the next key may sign from")
    owner.page.locator("#result_list tbody a").last.click()
    owner.page.get_by_role("link", name="Pull in an emergency").click()
    owner.says("will never be trusted again")
    owner.page.get_by_role("link", name="No, take me back").click()
    owner.says("Active: signs")


def test_role_gets_permissions_by_the_selector(owner: Visit) -> None:
    owner.open("/admin/auth/group/add/")
    owner.page.locator("input[name=name]").fill("Support")
    owner.page.locator("#id_permissions_from").select_option(label="accounts.view_user")
    owner.page.locator(".selector-add").click()
    owner.press("Save")
    owner.says("was added successfully")
    assert owner.page.locator("#result_list tr", has_text="Support").locator("td").last.inner_text() == "1"


def test_violation_of_the_policy_would_be_heard(owner: Visit) -> None:
    owner.page.evaluate("document.body.setAttribute('style', 'color: red')")
    owner.page.wait_for_timeout(200)
    assert "Content Security Policy" in "".join(owner.complaints)
    owner.complaints.clear()


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_overflows_or_complains(chromium: Browser, server: Server, theme: str, width: int) -> None:
    context = chromium.new_context(color_scheme="dark" if theme == "dark" else "light", viewport={"width": width, "height": 800})
    visit = visiting(context, server)
    sign_in(visit, OWNER, PASSWORD, "/admin/")
    admin = [f"/admin/{path}/" for path in ("accounts/user", "accounts/device", "accounts/signingkey", "accounts/auditevent")]
    pages = ["/", "/account/security/", "/account/sign-out/", "/api/v1/", "/api/v1/me/", "/api/docs/", "/admin/", *admin]
    for path in [*pages, "/admin/accounts/user/add/", "/admin/auth/group/", "/admin/auth/group/add/", "/no-such-page/"]:
        visit.open(path)
        assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    for path in admin:
        visit.open(path)
        visit.follow(visit.page.locator("#result_list tbody a").first)
        assert visit.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    context.close()
    assert visit.complaints == []
