"""A stock Django, with its own users and cookies, signs people in at a running server by mozilla-django-oidc."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.server import ROOT, Server, running_server

from .registered import ALICE, alice_joins
from .visitor import Visitor, sent_back, visiting

pytestmark = [pytest.mark.processes, pytest.mark.slow]
_READY_SECONDS, _RENEWED_AFTER = 30.0, 2.0
"""`OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS` of the site."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("provider")) as running:
        alice_joins(running)
        yield running


@pytest.fixture(scope="module", params=[("client_secret_post", "RS256"), ("client_secret_basic", "ES256")])
def site(server: Server, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[str]:
    """Its origin. Another host name than the provider's, so that neither gets the other's cookies."""
    port = free_port()
    origin, folder = f"http://localhost:{port}", tmp_path_factory.mktemp("site")
    known = as_client(server, origin, *request.param)
    env = {"PATH": os.environ["PATH"], "STOCK_ISSUER": server.url, "STOCK_FOLDER": str(folder), **known}
    django = [sys.executable, "-m", "django"]
    settings = "--settings=tests.interop.stock_django.settings"
    subprocess.run([*django, "migrate", settings, "--verbosity=0"], cwd=ROOT, env=env, check=True)
    with (folder / "log").open("wb") as log:
        program = [*django, "runserver", settings, "--noreload", f"127.0.0.1:{port}"]
        with subprocess.Popen(program, cwd=ROOT, env=env, stdout=log, stderr=log) as process:
            await_answer(process, origin, folder / "log")
            yield origin
            process.terminate()


def as_client(server: Server, origin: str, authentication: str, algorithm: str) -> dict[str, str]:
    printed = server.manage(
        *("client", "create", f"A stock Django by {algorithm}", "--redirect-uri", f"{origin}/oidc/callback/"),
        *("--post-logout-redirect-uri", f"{origin}/", "--scope", "email"),
        *("--authentication", authentication, "--id-token-algorithm", algorithm),
    )
    told = dict(line.split()[:2] for line in printed.splitlines() if line.startswith("client_"))
    known = {"STOCK_CLIENT_ID": told["client_id"], "STOCK_CLIENT_SECRET": told["client_secret"]}
    return {**known, "STOCK_AUTHENTICATION": authentication, "STOCK_ALGORITHM": algorithm}


def await_answer(process: "subprocess.Popen[bytes]", origin: str, log: Path) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            httpx.get(origin)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    process.terminate()
    raise AssertionError(log.read_text())


@dataclass
class Browser:
    """Alice's: `there` holds her cookies of the site, `here` those of the provider."""

    there: httpx.Client
    here: Visitor

    def who(self) -> str | None:
        """Whom the site takes her for, on its page for everybody."""
        found: str | None = self.there.get("/").json()["who"]
        return found

    def let_in(self) -> None:
        """She asks for a page of her own there, and signs in where that leads."""
        asked = self.there.get("/private/", follow_redirects=False)
        asked = self.there.get(asked.headers["Location"], follow_redirects=False)
        answer = self.there.get(self.here.let_in(asked.headers["Location"], **ALICE))
        assert (answer.url.path, answer.json()["who"]) == ("/private/", ALICE["email"])

    def renewed(self) -> httpx.URL:
        """What the provider says to the site, without a page, once that wants to know whether she is still here."""
        time.sleep(_RENEWED_AFTER)
        asked = self.there.get("/private/", follow_redirects=False)
        assert httpx.URL(asked.headers["Location"]).params["prompt"] == "none"
        back = sent_back(self.here.open(asked.headers["Location"]))
        self.there.get(back)
        return httpx.URL(back)


@pytest.fixture
def browser(server: Server, site: str) -> Iterator[Browser]:
    with httpx.Client(base_url=site, follow_redirects=True) as there, visiting(server.url) as here:
        yield Browser(there, here)


def test_site_signs_somebody_in(browser: Browser) -> None:
    assert browser.who() is None
    browser.let_in()
    assert browser.who() == ALICE["email"]


def test_site_renews_without_a_page(browser: Browser) -> None:
    browser.let_in()
    assert "code" in browser.renewed().params
    assert browser.who() == ALICE["email"]


def test_site_that_renews_hears_of_a_sign_out_at_the_provider(browser: Browser) -> None:
    browser.let_in()
    browser.here.post(browser.here.open("/account/security/"), "/account/sign-out/")
    assert browser.renewed().params["error"] == "login_required"
    assert browser.who() is None


def test_leaving_the_site_leads_through_the_provider(browser: Browser, site: str) -> None:
    browser.let_in()
    form = {"csrfmiddlewaretoken": browser.there.get("/").json()["csrf"]}
    left = browser.there.post("/oidc/logout/", data=form, follow_redirects=False)
    assert sent_back(browser.here.open(left.headers["Location"])) == f"{site}/"
    assert browser.who() is None
    assert 'action="/account/sign-in/"' in browser.here.open("/account/security/").text
