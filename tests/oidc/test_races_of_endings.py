"""A sign-in of a client that is under way while its owner ends things: it is ended too (SECURITY X-01, O-36).

The exchange is held where it has asked the gate and has not yet made the device.
"""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Http

from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.oidc import consents
from accounts.oidc.models import Consent
from accounts.users.models import User
from tests.support.app import App
from tests.support.meanwhile import meanwhile

from .flow import Flow, basic, post, signed_in
from .parties import Party

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]

ASKED = {"scope": "openid email offline_access"}
Answer = Any


def exchanged_during(act: Callable[[], object], flow: Flow, code: str, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """The answer, when `act` came in the middle: on SQLite it waits for the whole exchange, on PostgreSQL for a row."""
    make, acted = registry.remember_client, []

    def run() -> None:
        try:
            acted.append(act())
        finally:
            connection.close()

    other = threading.Thread(target=run)

    def held(*args: Any, **more: Any) -> Device:
        other.start()
        other.join(1)
        return make(*args, **more)

    monkeypatch.setattr(registry, "remember_client", held)
    answer = flow.exchange(code)
    other.join()
    monkeypatch.undo()
    assert acted
    return answer


def test_sign_out_everywhere_else_reaches_a_sign_in_under_way(web: Party, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    thief = signed_in(alice)
    theirs = Device.objects.get()
    flow = Flow(web, ASKED)
    code = flow.code(thief)
    signed_in(alice)
    own = Device.objects.exclude(id=theirs.id).get(client_id="first-party")
    answer = exchanged_during(lambda: registry.sign_out_others(alice.id, asking=own.id, source=NOWHERE), flow, code, monkeypatch)
    assert answer.status_code in {200, 400}
    assert not Device.objects.filter(revoked_at=None).exclude(id=own.id).exists()
    if answer.status_code == 200:
        assert flow.refresh(answer.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_withdrawn_consent_reaches_a_sign_in_under_way(web: Party, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = signed_in(alice)
    own = Device.objects.get()
    flow = Flow(web, ASKED)
    code = flow.code(browser)
    consent = Consent.objects.get()
    answer = exchanged_during(
        lambda: consents.withdraw(alice.id, consent.id, device_id=own.id, source=NOWHERE), flow, code, monkeypatch
    )
    assert answer.status_code in {200, 400}
    assert not Device.objects.filter(client_id=web.id, revoked_at=None).exists()
    Flow(web, ASKED).code(browser)  # a new yes
    if answer.status_code == 200:
        assert flow.refresh(answer.json()["refresh_token"]).json()["error"] == "invalid_grant"


def test_client_that_signs_out_ends_what_it_had_and_not_what_it_is_given(web: Party, alice: User) -> None:
    """What it had is used again by the next exchange, unless it has just ended."""
    browser, flow = signed_in(alice), Flow(web)
    had, code = flow.tokens(browser)["access_token"], flow.code(browser)

    def sign_out() -> None:
        try:
            assert post(Http(), "/oauth/revoke", {"token": had}, **basic(web)).status_code == 200
        finally:
            connection.close()

    other = threading.Thread(target=sign_out)

    def begin_to() -> None:
        other.start()
        other.join(1)
        before_the_exchange.append(not other.is_alive())

    before_the_exchange: list[bool] = []
    with meanwhile(begin_to, before='UPDATE "accounts_device"'):
        answer = flow.exchange(code)
    other.join()
    assert answer.status_code == 200
    assert App(access=had).get("/oauth/userinfo").status_code == 401
    is_good = App(access=answer.json()["access_token"]).get("/oauth/userinfo").status_code == 200
    assert is_good is before_the_exchange[0], "on SQLite the sign-out waits for the whole exchange"
