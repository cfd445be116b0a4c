"""Alice and her passkey, in the states that the tests of passkeys begin with."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.core.requests import Source
from accounts.passkeys import authentication, registration
from accounts.passkeys.models import Passkey
from accounts.users.models import User
from tests.support.authenticator import Authenticator

HERE = Source(address="203.0.113.7", user_agent="tests", request_id="r1")


def register(user: User, authenticator: Authenticator, *, name: str = "", **lies: Any) -> Passkey:
    asked = registration.options(user)
    credential = authenticator.create(asked["publicKey"], **lies)
    return registration.register(user, asked["challenge"], credential, name=name, source=HERE)


def prove(authenticator: Authenticator, email: str = "", **lies: Any) -> Any:
    asked = authentication.options(email)
    return authentication.prove(asked["challenge"], authenticator.get(asked["publicKey"], **lies), source=HERE)


def confirm(user: User, authenticator: Authenticator, **lies: Any) -> Any:
    asked = authentication.options_to_confirm(user.id)
    return authentication.confirm(user.id, asked["challenge"], authenticator.get(asked["publicKey"], **lies), source=HERE)


@pytest.fixture
def enrolled() -> Callable[..., Authenticator]:
    """Somebody's authenticator, registered."""

    def enrol(user: User, **knobs: Any) -> Authenticator:
        authenticator = Authenticator(**knobs)
        register(user, authenticator)
        return authenticator

    return enrol


@pytest.fixture
def phone(alice: User, enrolled: Callable[..., Authenticator]) -> Authenticator:
    """Alice's, registered."""
    return enrolled(alice)
