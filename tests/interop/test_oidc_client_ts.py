"""oidc-client-ts, as the board of examples/sso pins it, in a real browser and on an origin of its own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, sync_playwright

from examples.sso.packages import Missing, library
from tests.browser.test_chromium import ARGUMENTS, CHROMIUM
from tests.support.server import ROOT, Server, running_server

from .registered import ALICE, alice_joins

pytestmark = [pytest.mark.processes, pytest.mark.slow]
SCOPES = ("profile", "email", "offline_access")
_PAGE = b'<!DOCTYPE html><title>Party</title><link rel="icon" href="data:,"><script src="/library.js"></script>'
_FRAME = """
url => new Promise(loaded => {
  const frame = Object.assign(document.createElement("iframe"), { src: url, onload: loaded });
  document.body.append(frame);
})
"""
_MANAGER = """
const users = new oidc.UserManager({
  ...given, redirect_uri: `${location.origin}/`, post_logout_redirect_uri: `${location.origin}/`, automaticSilentRenew: false,
  dpop: given.bound ? { bind_authorization_code: true, store: new oidc.IndexedDbDPoPStore() } : undefined,
});
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with running_server(tmp_path_factory.mktemp("oidc-client-ts")) as running:
        alice_joins(running)
        yield running


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Where the page of the party lies."""
    try:
        script = library(ROOT / "var" / "interop" / "board")
    except Missing as reason:
        pytest.skip(str(reason))
    serving = ThreadingHTTPServer(("127.0.0.1", 0), _handler(script))
    Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://party.localhost:{serving.server_port}"
    serving.shutdown()
    serving.server_close()


def _handler(script: Path) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/library.js"
            body = script.read_bytes() if is_script else _PAGE
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    return Handler


@dataclass
class Party:
    """The library in a page; `given` are its settings."""

    page: Page
    origin: str
    given: dict[str, Any]

    def does(self, script: str) -> Any:
        """What this comes to; `users` is the `UserManager`."""
        return self.page.evaluate(f"async given => {{ {_MANAGER} return await {script}; }}", self.given)

    def goes(self, script: str) -> None:
        """As `does`, where the page is left."""
        with self.page.expect_navigation():
            self.page.evaluate(f"given => {{ {_MANAGER} {script}; }}", self.given)

    def signs_in(self) -> dict[str, Any]:
        """Answers the library's `User`."""
        self.page.goto(self.origin)
        self.goes("users.signinRedirect()")
        self.page.get_by_label("E-mail address").fill(ALICE["email"])
        self.page.get_by_label("Password", exact=True).fill(ALICE["password"])
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.page.get_by_role("button", name="Allow", exact=True).click()
        self.page.wait_for_url(f"{self.origin}/**")
        return dict(self.does("users.signinCallback()"))


@pytest.fixture(scope="module")
def client_id(server: Server, origin: str) -> str:
    back = ("--redirect-uri", f"{origin}/", "--post-logout-redirect-uri", f"{origin}/")
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    told = server.manage("client", "create", "Party", "--public", *back, *scopes)
    return str(re.findall(r"client_id\s+(\S+)", told)[0])


@pytest.fixture
def party(server: Server, origin: str, client_id: str) -> Iterator[Party]:
    """In a browser of its own."""
    given = {"authority": server.url, "scope": f"openid {' '.join(SCOPES)}", "client_id": client_id}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        page = browser.new_page()
        page.set_default_timeout(15_000)
        yield Party(page, origin, given)
        browser.close()


def test_library_signs_in_asks_who_that_is_and_renews(party: Party) -> None:
    party.given["loadUserInfo"] = True
    user = party.signs_in()
    profile = user["profile"]
    assert (profile["name"], profile["email"], profile["iss"]) == ("Alice", "alice@example.com", party.given["authority"])
    renewed = party.does("users.signinSilent()")
    assert renewed["refresh_token"] != user["refresh_token"]
    assert renewed["profile"]["sub"] == profile["sub"]


def test_frame_on_another_site_brings_no_cookie_and_only_the_top_of_the_window_can_ask(party: Party) -> None:
    party.signs_in()
    known = {"client_id": party.given["client_id"], "redirect_uri": f"{party.origin}/", "scope": "openid", "prompt": "none"}
    asked = urlencode({**known, "response_type": "code", "code_challenge": "x" * 43, "code_challenge_method": "S256"})
    url = f"{party.given['authority']}/oauth/authorize?{asked}"
    party.page.evaluate(_FRAME, url)
    assert "error=login_required" in party.page.frames[-1].url
    party.page.goto(url)
    assert "error=consent_required" in party.page.url, "of somebody who is there: a loopback address is asked about every time"


def test_library_revokes_and_cannot_renew_any_more(party: Party) -> None:
    party.signs_in()
    assert party.does("users.getUser().then(async user => { await users.revokeTokens(); await users.storeUser(user); })") is None
    assert party.does("users.signinSilent().catch(problem => problem.error)") == "invalid_grant"


def test_library_signs_out_and_comes_back(party: Party) -> None:
    party.signs_in()
    party.goes("users.signoutRedirect({ state: 'bye' })")
    party.page.wait_for_url(f"{party.origin}/?state=*")
    assert party.does("users.signoutCallback()")["userState"] == "bye"
    party.goes("users.signinRedirect({ prompt: 'none' })")
    party.page.wait_for_url(f"{party.origin}/?error=*")
    assert party.does("users.signinCallback().catch(problem => problem.error)") == "login_required"


def test_library_binds_its_tokens_to_a_key_and_answers_the_nonce(party: Party) -> None:
    party.given["bound"] = True
    user = party.signs_in()
    assert user["token_type"] == "DPoP"
    assert party.does("users.signinSilent()")["token_type"] == "DPoP"
    asked = """(async () => {
      const url = `${given.authority}/oauth/userinfo`, user = await users.getUser();
      const ask = async nonce => fetch(url, { headers: {
        Authorization: `DPoP ${user.access_token}`, DPoP: await users.dpopProof(url, user, "GET", nonce) } });
      const first = await ask();
      const second = await ask(first.headers.get("DPoP-Nonce"));
      return [first.status, second.status, (await second.json()).name];
    })()"""
    assert party.does(asked) == [401, 200, "Alice"]
