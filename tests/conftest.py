"""Fixtures are named after a state of the world."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.keys import ring, rotation
from accounts.revocations import feed
from accounts.tokens import access
from accounts.users import roles
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.mailbox import read_at_once


@pytest.fixture(autouse=True)
def _nothing_remembered(request: pytest.FixtureRequest) -> None:
    """Every test starts like a fresh process; the database has its signing keys."""
    feed.forget()
    ring.forget()
    roles.forget()
    access.forget()
    if {"db", "transactional_db"} & set(request.fixturenames):
        request.getfixturevalue("transactional_db" if "transactional_db" in request.fixturenames else "db")
        rotation.ensure(settings.ACCESS_TOKEN_ALGORITHM)


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(email: str = "alice@example.com", **fields: Any) -> User:
        return User.objects.create_user(email, PASSWORD, **{"email_verified_at": timezone.now(), "name": "Alice", **fields})

    return make


@pytest.fixture
def alice(make_user: Callable[..., User]) -> User:
    return make_user()


@pytest.fixture
def bob(make_user: Callable[..., User]) -> User:
    return make_user("bob@example.com", name="Bob")


@pytest.fixture
def superuser(make_user: Callable[..., User]) -> User:
    return make_user("root@example.com", name="Root", is_staff=True, is_superuser=True)


@pytest.fixture
def app(alice: User) -> App:
    """Alice's app, signed in."""
    return signed_in(alice)


@pytest.fixture
def bobs_app(bob: User) -> App:
    return signed_in(bob)


@pytest.fixture
def root_app(superuser: User) -> App:
    return signed_in(superuser)


def signed_in(user: User) -> App:
    """The mail that tells of the new device has been read."""
    app = App()
    with read_at_once():
        answer = app.sign_in(user.email)
    assert answer.status_code == 200, answer.content
    return app
