"""The client of the suite, in both response modes, and a visitor who has been there before."""

from collections.abc import Callable

import pytest

from accounts.users.models import User
from tests.oidc.conformance.walk import signed_in_at
from tests.oidc.flow import Flow, signed_in
from tests.oidc.parties import Party, party
from tests.support.browser import Browser

Ask = Callable[..., Flow]


@pytest.fixture
def suite() -> Party:
    """It sends no challenge, except where it says so."""
    return party("Suite", requires_pkce=False)


@pytest.fixture(params=["default", pytest.param("form_post", marks=pytest.mark.slow)])
def ask(request: pytest.FixtureRequest, suite: Party) -> Ask:
    """A request of the suite's client, with what differs from the usual: in the plan basic, and in that of form_post."""
    mode: dict[str, str | None] = {} if request.param == "default" else {"response_mode": request.param}
    mode |= {"code_challenge": None, "code_challenge_method": None}

    def made(party: Party = suite, **asked: str | None) -> Flow:
        return Flow(party, {**mode, **asked})

    return made


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def known(ask: Ask, browser: Browser) -> Browser:
    """Alice's, who has let the client in."""
    signed_in_at(ask(), browser)
    return browser
