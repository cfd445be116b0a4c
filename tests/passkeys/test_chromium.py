"""The script of the pages in a real browser, with a virtual authenticator: what it sends is what our rules take."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client
from playwright.sync_api import Page, Route, expect, sync_playwright

from accounts.passkeys import authentication, registration
from accounts.users.models import User
from tests.passkeys.conftest import HERE

pytestmark = [pytest.mark.processes, pytest.mark.slow]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
]
SCRIPT = Path(__file__).resolve().parents[2] / "static" / "signet" / "passkeys.js"
SITE = "http://localhost:8765"
CREATE, GET = (f'data-passkey="{kind}" data-passkey-options="/options"' for kind in ("create", "get"))
PHONE = {
    **{"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True},
    **{"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True},
}
FORM = """<!DOCTYPE html><title>x</title><body {body}><input id="email" autocomplete="username webauthn">
<form method="post" action="/done" data-passkey-email="email" data-passkey-failed="It failed." {attributes}>
<input type="hidden" name="csrfmiddlewaretoken" value="token"><input type="hidden" name="challenge">
<input type="hidden" name="credential"><button type="button" hidden>Go</button><p role="alert" hidden></p></form>
<script src="/passkeys.js"></script>"""


@dataclass
class Site:
    """Answers in place of a server; `sent` is what the forms posted, `asked` what the script wanted."""

    options: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    asked: list[tuple[dict[str, str], Any]] = field(default_factory=list)
    sent: list[dict[str, str]] = field(default_factory=list)
    attributes: str = ""
    body: str = ""

    def answer(self, route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/options":
            self.asked.append((route.request.headers, json.loads(route.request.post_data or "")))
            route.fulfill(status=self.status, json=self.options)
        elif path == "/done":
            self.sent.append({name: value[0] for name, value in parse_qs(route.request.post_data or "").items()})
            route.fulfill(content_type="text/html", body="<title>done</title>")
        elif path == "/passkeys.js":
            route.fulfill(content_type="text/javascript", body=SCRIPT.read_text())
        else:
            route.fulfill(content_type="text/html", body=FORM.format(attributes=self.attributes, body=self.body))


@dataclass
class Visit:
    page: Page
    site: Site

    def press(self, attributes: str) -> None:
        self.site.attributes = attributes
        self.page.goto(f"{SITE}/page")
        self.page.get_by_role("button", name="Go").click()


@contextmanager
def visit(*, without: str = "") -> Iterator[Visit]:
    """No database inside: Playwright runs an event loop, in which Django refuses to ask one."""
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        context, site = browser.new_context(), Site()
        page = context.new_page()
        page.add_init_script(without)
        page.route(f"{SITE}/**", site.answer)
        devtools = context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        devtools.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
        yield Visit(page, site)
        browser.close()


@pytest.fixture(autouse=True)
def _of_localhost(settings: Any) -> None:
    """Browsers make passkeys for no address, but for this name."""
    settings.WEBAUTHN_RP_ID, settings.WEBAUTHN_ORIGINS = "localhost", [SITE]


def test_a_passkey_made_in_a_browser_opens_the_account(alice: User) -> None:
    creation, pressed, suggested = registration.options(alice), authentication.options(), authentication.options()
    with visit() as guest:
        for attributes, options in ((CREATE, creation), (GET, pressed)):
            guest.site.options = options
            guest.press(attributes)
            expect(guest.page).to_have_title("done")
        guest.site.attributes, guest.site.options = f"{GET} data-passkey-autofill", suggested
        guest.page.goto(f"{SITE}/page")  # the virtual authenticator takes the suggestion by itself
        expect(guest.page).to_have_title("done")
    made, *used = guest.site.sent
    registration.register(alice, made["challenge"], json.loads(made["credential"]), source=HERE)
    proofs = [authentication.prove(one["challenge"], json.loads(one["credential"]), source=HERE) for one in used]
    assert [(proof.user_id, proof.acr) for proof in proofs] == [(alice.id, "aal2")] * 2


def test_script_asks_with_the_csrf_token_and_the_address(alice: User) -> None:
    with visit() as guest:
        guest.site.attributes, guest.site.options = GET, {"code": "x", "detail": "x"}
        guest.page.goto(f"{SITE}/page")
        guest.page.locator("#email").fill("alice@example.com")
        guest.site.status = 400
        guest.page.get_by_role("button", name="Go").click()
        expect(guest.page.get_by_role("alert")).to_have_text("It failed.")
        expect(guest.page.get_by_role("button", name="Go")).to_be_enabled()
    headers, body = guest.site.asked[0]
    assert (headers["x-csrftoken"], body) == ("token", {"email": "alice@example.com"})
    assert guest.site.sent == []


def test_script_leads_to_the_fresh_proof_that_is_wanted(db: None) -> None:
    with visit() as guest:
        guest.site.status, guest.site.options = 401, {"code": "insufficient_user_authentication", "detail": "x"}
        guest.press(f'{CREATE} data-passkey-step-up="/confirm"')
        guest.page.wait_for_url(f"{SITE}/confirm")


def test_cancelling_is_quiet(db: None) -> None:
    refusal = "navigator.credentials.get = () => Promise.reject(new DOMException('', 'NotAllowedError'))"
    request = authentication.options()
    with visit(without=refusal) as guest:
        guest.site.options = request
        guest.press(GET)
        button = guest.page.get_by_role("button", name="Go")
        expect(button).to_be_enabled()
        expect(guest.page.get_by_role("alert")).to_be_hidden()
    assert (len(guest.site.asked), guest.site.sent) == (1, [])


def test_button_stays_hidden_where_passkeys_do_not_work(db: None) -> None:
    with visit(without="delete PublicKeyCredential.parseRequestOptionsFromJSON") as guest:
        guest.site.attributes = GET
        guest.page.goto(f"{SITE}/page")
        expect(guest.page.locator("button")).to_be_hidden()


def test_button_stays_hidden_where_the_page_says_that_there_are_none(db: None) -> None:
    with visit() as guest:
        guest.site.attributes, guest.site.body = GET, "data-no-passkeys"
        guest.page.goto(f"{SITE}/page")
        expect(guest.page.locator("button")).to_be_hidden()


@pytest.mark.parametrize(("name", "says"), [("127.0.0.1", True), ("::1", True), ("localhost", False), ("id.example.com", False)])
def test_pages_say_so_where_the_server_has_an_address_and_no_name(db: None, settings: Any, name: str, says: bool) -> None:
    settings.WEBAUTHN_RP_ID = name
    assert ("data-no-passkeys" in Client().get("/account/sign-in/").content.decode()) is says
