"""Attackers' fixtures: a guarded view, and every place that takes a token."""

import pytest
from pytest_django import Settings

from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.app import App


@pytest.fixture
def guarded(settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.support.guarded"


@pytest.fixture(params=ACCEPTORS)
def acceptor(request: pytest.FixtureRequest, guarded: None, app: App) -> Acceptor:
    """Each test that asks for it runs once at each of them."""
    return ACCEPTORS[request.param](app)


@pytest.fixture
def bearer(guarded: None, app: App) -> Acceptor:
    return ACCEPTORS["bearer"](app)
