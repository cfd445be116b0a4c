"""Clients of several kinds, and the keys that sign ID tokens."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.keys import material
from accounts.keys.models import SigningKey
from accounts.oidc import audiences
from accounts.oidc.audiences import Described
from accounts.oidc.models import Service
from tests.oidc.parties import Party, party

RS256 = SigningKey.Algorithm.RS256.value


@cache
def _pair(state: str) -> Any:
    """RSA keys take a second to make: one for each state, for all tests."""
    return material.generate(RS256)


@pytest.fixture(autouse=True)
def _rsa_keys(db: None) -> None:
    for state in (SigningKey.State.ACTIVE, SigningKey.State.NEXT):
        key = material.encrypted_record(_pair(state), SigningKey.for_id_tokens(RS256), RS256, state)
        key.activated_at = timezone.now()
        key.save(force_insert=True)


@pytest.fixture
def web() -> Party:
    """A web application with a secret, of another domain."""
    return party("Shop")


@pytest.fixture
def other_web() -> Party:
    return party("Blog", redirect_uris=("https://blog.example/cb",))


@pytest.fixture
def native() -> Party:
    """An app on a phone: no secret, a scheme of its own."""
    return party("Phone app", authentication="none", redirect_uris=("com.example.app:/cb", "http://127.0.0.1/cb"))


@pytest.fixture
def notes() -> Service:
    return audiences.register(
        Described("https://notes.example", "Notes", {"notes:read": "Read your notes", "notes:write": "Change your notes"})
    )


@pytest.fixture
def later() -> Iterator[time_machine.Traveller]:
    """Ten minutes after the sign-in."""
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False) as clock:
        yield clock


@pytest.fixture
def make_party() -> Callable[..., Party]:
    return party
