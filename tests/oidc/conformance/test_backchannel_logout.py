"""oidcc-backchannel-rp-initiated-logout-certification-test-plan: the client hears of it, and the browser is sent back."""

from urllib.parse import urlencode

import pytest

from examples.sso.shop.logout_token import sid_of
from tests.oidc.conformance.conftest import Ask, MakeParty
from tests.oidc.conformance.walk import METADATA, signed_in_at
from tests.oidc.flow import claims, sent
from tests.oidc.parties import SIGNED_OUT
from tests.oidc.receiver import Receiver
from tests.support.browser import Browser

pytestmark = [pytest.mark.processes, pytest.mark.slow]


def test_oidcc_backchannel_logout_discovery_endpoint_verification(stranger: Browser) -> None:
    told = stranger.get(METADATA).json()
    assert (told["backchannel_logout_supported"], told["backchannel_logout_session_supported"]) == (True, True)


def test_oidcc_backchannel_rp_initiated_logout(make_party: MakeParty, walk: Ask, receiver: Receiver, browser: Browser) -> None:
    party = make_party("Listens", backchannel_logout_uri=f"{receiver.url}/out")
    flow = walk(party)
    hint = signed_in_at(flow, browser)["id_token"]
    asked = {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT, "state": "x" * 128}
    assert browser.get(f"/oauth/logout?{urlencode(asked)}")["Location"] == f"{SIGNED_OUT}?state={'x' * 128}"
    assert receiver.came.wait(10)
    [heard] = receiver.heard
    assert set(heard) == {"type", "logout_token"}
    sid, told = sid_of(heard["logout_token"], flow.keys, issuer=flow.issuer, client_id=party.id), claims(heard["logout_token"])
    assert (told["sub"], sid) == (claims(hint)["sub"], claims(hint)["sid"])
    assert ("nonce" in told, "jti" in told) == (False, True)
    assert sent(walk(party, prompt="none").begin(browser))["error"] == "login_required"
