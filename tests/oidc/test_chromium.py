"""Two applications and a visitor in a real browser: pages lead back under the strict policy, with nothing on the console."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from tests.browser.test_chromium import ARGUMENTS, CHROMIUM
from tests.interop.registered import ALICE, alice_joins
from tests.oidc.flow import s256
from tests.support.server import Server, running_server

pytestmark = pytest.mark.processes


@pytest.fixture(autouse=True)
def _rsa_keys() -> None:
    """The server has a database of its own."""


@dataclass
class Application:
    """`came`: method and parameters of whoever was sent back."""

    url: str = ""
    client_id: str = ""
    came: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def applications(server: Server, *names: str) -> Iterator[list[Application]]:
    with _listening(names) as found:
        for application, name in zip(found, names, strict=True):
            told = server.manage("client", "create", name, "--redirect-uri", f"{application.url}/cb", "--scope", "email")
            application.client_id = re.findall(r"client_id\s+(\S+)", told)[0]
        yield found


@contextmanager
def _listening(names: tuple[str, ...]) -> Iterator[list[Application]]:
    found = [Application() for _ in names]
    servers = [_server(application) for application in found]
    try:
        yield found
    finally:
        for listening in servers:
            listening.shutdown()
            listening.server_close()


def _server(application: Application) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._take("GET", urlsplit(self.path).query)

        def do_POST(self) -> None:
            self._take("POST", self.rfile.read(int(self.headers["Content-Length"])).decode())

        def _take(self, method: str, text: str) -> None:
            if self.path.startswith("/cb"):
                application.came.append((method, dict(parse_qsl(text))))
            body = b"<!DOCTYPE html><title>Back</title>Back at the application"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    application.url = f"http://localhost:{server.server_port}"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not CHROMIUM.exists():
        pytest.skip(f"{CHROMIUM} is not installed")
    with running_server(tmp_path_factory.mktemp("sso")) as running:
        alice_joins(running)
        yield running


@pytest.fixture(scope="module")
def chromium(server: Server) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, server: Server) -> Iterator[Page]:
    context = chromium.new_context()
    page, complaints = context.new_page(), list[str]()

    def heard(message: ConsoleMessage) -> None:
        """What our pages say; the applications' are no more than a word, and have no icon."""
        if message.type in {"error", "warning"} and message.location["url"].startswith(server.url):
            complaints.append(message.text)

    page.on("console", heard)
    yield page
    context.close()
    assert complaints == []


def begin(page: Page, server: Server, application: Application, **asked: str) -> None:
    usual = {"response_type": "code", "scope": "openid email", "state": "s", "code_challenge": s256("v" * 43)}
    known = {"client_id": application.client_id, "redirect_uri": f"{application.url}/cb", "code_challenge_method": "S256"}
    page.goto(f"{server.url}/oauth/authorize?{urlencode({**usual, **known, **asked})}")


def allow(page: Page, application: Application) -> None:
    with page.expect_navigation(url=f"{application.url}/**"):
        page.get_by_role("button", name="Allow", exact=True).click()


def test_visitor_signs_in_once_and_says_yes_to_each(page: Page, server: Server) -> None:
    with applications(server, "Shop", "Blog") as (shop, blog):
        begin(page, server, shop)
        page.get_by_label("E-mail address").fill(ALICE["email"])
        page.get_by_label("Password", exact=True).fill(ALICE["password"])
        page.get_by_role("button", name="Sign in", exact=True).click()
        allow(page, shop)
        begin(page, server, blog)
        allow(page, blog)
        begin(page, server, shop, prompt="none")
        page.wait_for_url(f"{shop.url}/**")
        begin(page, server, blog, response_mode="form_post")
        page.wait_for_url(f"{blog.url}/**")
    assert [sorted(sent) for _, sent in shop.came] == [["code", "iss", "state"]] * 2
    assert [method for method, _ in blog.came] == ["GET", "POST"]
    assert sorted(blog.came[1][1]) == ["code", "iss", "state"]
