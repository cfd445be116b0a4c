"""Attackers' fixtures: a guarded view, every place that takes a token, a clock that stands still."""

import time
from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import Settings

from accounts.users.models import User
from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.app import App
from tests.support.key_holder import BoundApp


@pytest.fixture
def guarded(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.support.guarded"


_QUICK = {"bearer", "cookie"}
"""A key pair and a secret; the other places take their tokens through the same two doors of `tokens.jose`."""


@pytest.fixture(params=[pytest.param(name, marks=() if name in _QUICK else pytest.mark.slow) for name in ACCEPTORS])
def acceptor(request: pytest.FixtureRequest, guarded: None, app: App) -> Acceptor:
    """Each test that asks for it runs once at each of them."""
    return ACCEPTORS[request.param](app)


@pytest.fixture
def bearer(guarded: None, app: App) -> Acceptor:
    return ACCEPTORS["bearer"](app)


@pytest.fixture
def bound(alice: User) -> BoundApp:
    """Alice's app, signed in with a key."""
    app = BoundApp()
    assert app.sign_in(alice.email).status_code == 200
    return app


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time goes on only when a test says so."""
    with time_machine.travel(int(time.time()), tick=False) as traveller:
        yield traveller
