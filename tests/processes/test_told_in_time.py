"""Back-channel logout in normal running: every client of the browser hears of its end within two seconds."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event
from urllib.parse import urlencode

import pytest

from accounts.oidc.models import Client
from tests.oidc.flow import Flow
from tests.oidc.parties import CALLBACK, SIGNED_OUT, Party
from tests.oidc.receiver import Receiver, receiving
from tests.oidc.wire import Wire, browser_at
from tests.support.browser import Browser
from tests.support.server import Server, running_server

from .conftest import Measured, fresh_database
from .people import make_people
from .sink import Sink, smtp_sink

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.deadline]
Listening = tuple[Party, Receiver]
ALICE, SECONDS = "alice@example.com", 2.0
MAILS = 20
_MAILING = f"""
from accounts.outbox import enqueue
told = {{"name": "", "occurred_at": "now", "address": "", "devices_url": "https://id.example.com/"}}
for number in range({MAILS}):
    enqueue.mail("password_changed", to=f"person{{number}}@example.com", user_id=None, **told)
"""


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with smtp_sink() as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, sink: Sink) -> Iterator[Server]:
    """With its worker, which may call receivers on the loopback."""
    folder = tmp_path_factory.mktemp("told")
    env = {
        "DATABASE_URL": fresh_database(folder),
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.1/32",
    }
    with running_server(folder, env=env) as running:
        make_people(running, ALICE)
        running.spawn("worker")
        yield running


@pytest.fixture(scope="module")
def registered(server: Server) -> Iterator[list[Listening]]:
    """Two clients, each with a server that hears of sign-outs."""
    with ExitStack() as opened:
        receivers = [opened.enter_context(receiving(Receiver())) for _ in range(2)]
        yield [(_registered(server, receiver), receiver) for receiver in receivers]


def _registered(server: Server, receiver: Receiver) -> Party:
    told = server.manage(
        *("client", "create", f"At {receiver.url}", "--scope", "email", "--redirect-uri", CALLBACK),
        *("--post-logout-redirect-uri", SIGNED_OUT, "--backchannel-logout-uri", f"{receiver.url}/out"),
    )
    known = dict(re.findall(r"^client_(\w+)\s+(\S+)", told, re.MULTILINE))
    return Party(Client(id=known["id"], authentication="client_secret_basic"), known["secret"])


@pytest.fixture
def clients(registered: list[Listening]) -> list[Listening]:
    """They have heard nothing yet."""
    for _, receiver in registered:
        receiver.came.clear()
    return registered


@pytest.fixture
def browser(server: Server, sink: Sink) -> Browser:
    """Alice's; the worker is at work, since the mail about her sign-in has gone out."""
    mailed = Event()
    sink.on_accepted = lambda number: mailed.set()
    browser = browser_at(server.url)
    assert browser.sign_in(ALICE).status_code == 303
    assert mailed.wait(30)
    return browser


def begun(server: Server, clients: list[Listening], browser: Browser) -> str:
    """The browser signs in to every client; answers the address by which it signs out at the first."""
    hints = [Flow(party, http=Wire(server.url)).tokens(browser)["id_token"] for party, _ in clients]
    return f"/oauth/logout?{urlencode({'id_token_hint': hints[0], 'post_logout_redirect_uri': SIGNED_OUT})}"


def seconds_until_told(clients: list[Listening], browser: Browser, address: str) -> float:
    """From the answer to the sign-out until every client has heard of it."""
    assert browser.get(address)["Location"] == SIGNED_OUT
    answered = time.monotonic()
    assert [receiver.came.wait(30) for _, receiver in clients] == [True, True]
    return time.monotonic() - answered


def test_sign_out_at_one_client_is_told_to_every_client_within_two_seconds(
    server: Server, clients: list[Listening], browser: Browser, measured: Measured
) -> None:
    took = seconds_until_told(clients, browser, begun(server, clients, browser))
    measured(f"{took:.2f} s")
    assert took < SECONDS


def test_mails_that_wait_for_a_slow_server_keep_no_sign_out_waiting(
    server: Server, clients: list[Listening], browser: Browser, sink: Sink, measured: Measured
) -> None:
    address, under_way = begun(server, clients, browser), Event()

    def take(number: int) -> None:
        under_way.set()
        time.sleep(0.3)

    before, sink.on_accepted = len(sink.accepted), take
    server.manage("shell", "-c", _MAILING)
    assert under_way.wait(30)
    took = seconds_until_told(clients, browser, address)
    delivered = len(sink.accepted) - before
    measured(f"{took:.2f} s")
    assert took < SECONDS
    assert delivered < MAILS, "the others wait still"
