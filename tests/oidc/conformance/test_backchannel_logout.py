"""oidcc-backchannel-rp-initiated-logout-certification-test-plan: the client hears of it, then the browser is sent back."""

from collections.abc import Callable, Iterator
from ipaddress import ip_network
from urllib.parse import urlencode

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from accounts.keys.models import SigningKey
from accounts.management.commands.worker import work
from accounts.tokens import jose
from tests.oidc.flow import Flow, claims, sent
from tests.oidc.parties import SIGNED_OUT, Party
from tests.oidc.receiver import Receiver, receiving
from tests.support.browser import Browser

pytestmark = pytest.mark.slow

EVENT = "http://schemas.openid.net/event/backchannel-logout"


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.FETCH_ALLOWED_NETWORKS = [ip_network("127.0.0.1/32")]
    with receiving(Receiver()) as started:
        yield started


def test_oidcc_backchannel_logout_discovery_endpoint_verification(db: None) -> None:
    told = Browser().get("/.well-known/openid-configuration").json()
    assert (told["backchannel_logout_supported"], told["backchannel_logout_session_supported"]) == (True, True)


def test_oidcc_backchannel_rp_initiated_logout(make_party: Callable[..., Party], receiver: Receiver, browser: Browser) -> None:
    party = make_party("Listens", backchannel_logout_uri=f"{receiver.url}/out")
    hint = Flow(party).tokens(browser)["id_token"]
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT, "state": "x"}
    assert browser.get(f"/oauth/logout?{urlencode(asked)}")["Location"] == f"{SIGNED_OUT}?state=x"
    work()
    [heard] = receiver.heard
    told = jose.verify(heard["logout_token"], typ="logout+jwt", purpose=SigningKey.for_id_tokens("RS256"))
    assert (told["iss"], told["aud"], told["events"]) == (configured.PUBLIC_URL, party.id, {EVENT: {}})
    assert [told[name] for name in ("sub", "sid")] == [claims(hint)[name] for name in ("sub", "sid")]
    assert ("nonce" in told, "jti" in told) == (False, True)
    assert sent(Flow(party, {"prompt": "none"}).begin(browser))["error"] == "login_required"
