"""oidcc-backchannel-logout: clients hear of it when their sign-in is over, and nobody can make us call elsewhere."""

import socket
import time
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.core.errors import InvalidInput
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.management.commands.worker import go_on, work
from accounts.oidc import clients
from accounts.oidc.models import Client
from accounts.outbox import delivery, enqueue
from accounts.outbox.errands import MOST, Errands
from accounts.outbox.models import OutboxMessage
from accounts.tokens import jose
from accounts.users.models import User
from tests.oidc.flow import Flow, header, signed_in
from tests.oidc.parties import SIGNED_OUT, Party
from tests.oidc.receiver import Receiver, receiving
from tests.support.app import App
from tests.support.browser import Browser

pytestmark = pytest.mark.slow

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]
    with receiving(Receiver()) as started:
        yield started


@pytest.fixture
def shop(make_party: Callable[..., Party], receiver: Receiver) -> Party:
    return make_party("Listening shop", backchannel_logout_uri=f"{receiver.url}/out")


@pytest.fixture
def browser(alice: User) -> Browser:
    browser = signed_in(alice)
    OutboxMessage.objects.all().delete()
    return browser


def test_O19_logout_token_says_whose_sign_in_is_over(shop: Party, receiver: Receiver, browser: Browser, alice: User) -> None:
    hint = Flow(shop).tokens(browser)["id_token"]
    browser.get(f"/oauth/logout?id_token_hint={hint}&post_logout_redirect_uri={SIGNED_OUT}")
    assert work() == 1
    [heard] = receiver.heard
    assert heard["type"] == "application/x-www-form-urlencoded"
    token = heard["logout_token"]
    told = jose.verify(token, typ="logout+jwt", purposes={SigningKey.for_id_tokens("RS256")})
    assert (told["iss"], told["aud"], told["sub"]) == ("http://testserver", shop.id, str(alice.id))
    assert told["sid"] == forge_sid(hint)
    assert told["events"] == {EVENT: {}}
    assert "nonce" not in told
    assert 0 < told["exp"] - told["iat"] <= 120
    assert header(token)["typ"] == "logout+jwt"


def forge_sid(id_token: str) -> str:
    return str(jose.verify(id_token, typ="JWT", purposes={SigningKey.for_id_tokens("RS256")})["sid"])


def test_J08_logout_token_is_no_hint_and_no_key(shop: Party, receiver: Receiver, browser: Browser) -> None:
    Flow(shop).tokens(browser)
    registry.revoke(Device.objects.get(client_id=shop.id), "signed_out", actor=None, source=registry.Source())
    work()
    token = receiver.heard[0]["logout_token"]
    assert App(access=token).get("/oauth/userinfo").status_code == 401
    assert browser.get(f"/oauth/logout?id_token_hint={token}").status_code == 400


@pytest.mark.parametrize(
    "end",
    [
        lambda alice, browser: browser.post("/account/sign-out/"),
        lambda alice, browser: registry.revoke_all(alice.id, "signed_out_by_staff", actor=None, source=registry.Source()),
    ],
    ids=["on the page", "by staff"],
)
def test_every_way_out_is_told(
    shop: Party, receiver: Receiver, browser: Browser, alice: User, end: Callable[[User, Browser], object]
) -> None:
    Flow(shop).tokens(browser)
    end(alice, browser)
    work()
    assert len(receiver.heard) == 1


def test_client_that_stays_signed_in_hears_of_the_browser(shop: Party, receiver: Receiver, browser: Browser) -> None:
    """Its refresh tokens go on: they are for when nobody is there."""
    flow = Flow(shop, {"scope": "openid offline_access"})
    tokens = flow.tokens(browser)
    browser.post("/account/sign-out/")
    work()
    assert len(receiver.heard) == 1
    assert flow.refresh(tokens["refresh_token"]).status_code == 200


def test_other_clients_and_other_browsers_hear_nothing(
    shop: Party, web: Party, receiver: Receiver, browser: Browser, alice: User
) -> None:
    Flow(shop).tokens(signed_in(alice))
    Flow(web).tokens(browser)
    OutboxMessage.objects.all().delete()
    browser.post("/account/sign-out/")
    assert (work(), receiver.heard) == (1, [])


@pytest.mark.parametrize(("status", "waits"), [(200, 0), (204, 0), (400, 1), (302, 1), (307, 1), (500, 1)])
def test_O19_what_did_not_arrive_is_tried_again_and_no_redirect_is_followed(
    shop: Party, receiver: Receiver, browser: Browser, status: int, waits: int
) -> None:
    Flow(shop).tokens(browser)
    browser.post("/account/sign-out/")
    receiver.status = status
    work()
    assert (len(receiver.heard), OutboxMessage.objects.count()) == (1, waits)
    receiver.status = 200
    OutboxMessage.objects.update(due_at=timezone.now())
    work()
    assert (len(receiver.heard), OutboxMessage.objects.count()) == (1 + waits, 0)


@pytest.mark.deadline
def test_O19_client_that_never_answers_keeps_no_other_waiting(
    make_party: Callable[..., Party], shop: Party, receiver: Receiver, browser: Browser, alice: User
) -> None:
    with receiving(Receiver(is_silent=True)) as silent:
        dead = make_party("Dead", backchannel_logout_uri=f"{silent.url}/out")
        Flow(dead).tokens(browser)
        for _ in range(20):
            enqueue.client_sign_out(dead.id, Device.objects.get(client_id=dead.id).id, alice.id)
        Flow(shop).tokens(browser)
        browser.post("/account/sign-out/")
        errands, started = Errands(), time.monotonic()
        while not receiver.heard and time.monotonic() - started < 2:
            go_on(errands)
            errands.wait(0.05)
        assert len(receiver.heard) == 1
        delivery.settle(errands, all_of_them=True)
        assert len(silent.heard) == MOST // 2, "and not all of them at once"
        waiting = OutboxMessage.objects.order_by("-attempts").values_list("attempts", "last_error")
        assert [*waiting] == [(1, "Unavailable")] * 16 + [(0, "")] * 5, "who had to wait for its turn has not been tried"
        go_on(errands)
        errands.wait(0.2)
        assert len(silent.heard) == MOST // 2 + 1, "one at a time from now on"


@pytest.mark.parametrize(
    "uri",
    [
        *("http://169.254.169.254/latest/", "http://shop.example/out", "ftp://shop.example/", "com.example.app:/out"),
        *("https://user@shop.example/", "https://shop.example/out#x", "javascript:1"),
    ],
)
def test_O19_address_that_is_not_https_is_not_registered(make_party: Callable[..., Party], uri: str) -> None:
    with pytest.raises(InvalidInput):
        make_party("Refused", backchannel_logout_uri=uri)
    assert make_party("Taken", backchannel_logout_uri="https://shop.example/out")


@pytest.fixture
def line() -> Iterator[socket.socket]:
    """Somebody of our own network who waits for a call."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0)
        yield listening


def is_called(line: socket.socket) -> bool:
    try:
        line.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize("scheme", ["https", "http"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0.0.0.0", "127.1", "[::ffff:127.0.0.1]"])
def test_O19_no_address_leads_into_our_own_network(
    web: Party, browser: Browser, line: socket.socket, scheme: str, host: str
) -> None:
    Flow(web).tokens(browser)
    Client.objects.filter(id=web.id).update(backchannel_logout_uri=f"{scheme}://{host}:{line.getsockname()[1]}/out")
    browser.post("/account/sign-out/")
    assert work() == 0
    assert not is_called(line)
    assert OutboxMessage.objects.get().last_error == "Unavailable"


@pytest.mark.slow
def test_O19_address_of_our_own_network_that_is_listed_is_called(
    web: Party, browser: Browser, line: socket.socket, settings: Settings
) -> None:
    settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]
    Flow(web).tokens(browser)
    Client.objects.filter(id=web.id).update(backchannel_logout_uri=f"https://127.0.0.1:{line.getsockname()[1]}/out")
    browser.post("/account/sign-out/")
    assert work() == 0
    assert is_called(line)


def test_O20_nothing_that_a_request_names_is_fetched(web: Party, receiver: Receiver, browser: Browser) -> None:
    for name in ("request_uri", "jwks_uri", "sector_identifier_uri", "logo_uri", "client_uri", "policy_uri"):
        Flow(web, {name: f"{receiver.url}/{name}"}).begin(browser)
    assert receiver.heard == []


def test_stopped_client_hears_nothing(shop: Party, receiver: Receiver, browser: Browser) -> None:
    Flow(shop).tokens(browser)
    clients.switch(shop.id, on=False)
    browser.post("/account/sign-out/")
    assert (work(), receiver.heard) == (1, [])
