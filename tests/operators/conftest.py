"""Staff of several ranks, each signed in with a browser."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission

from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.mailbox import read_at_once


@pytest.fixture
def roots(superuser: User) -> Browser:
    return signed_in(superuser)


@pytest.fixture
def alices(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def make_staff(make_user: Callable[..., User]) -> Callable[..., User]:
    """Staff with exactly these permissions, by codename."""

    def make(*codenames: str, email: str = "staff@example.com") -> User:
        user = make_user(email, name="Sam Staff", is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return user

    return make


@pytest.fixture
def viewer(make_staff: Callable[..., User]) -> User:
    """May look at everything and change nothing."""
    return make_staff("view_user", "view_group", "view_device", "view_signingkey", "view_auditevent")


@pytest.fixture
def viewers(viewer: User) -> Browser:
    return signed_in(viewer)


@pytest.fixture
def helper(make_staff: Callable[..., User]) -> User:
    """Support: changes people and signs devices out, and is no superuser."""
    return make_staff("view_user", "change_user", "add_user", "view_device", "change_device", email="helper@example.com")


@pytest.fixture
def helpers(helper: User) -> Browser:
    return signed_in(helper)


@pytest.fixture
def archivist(make_staff: Callable[..., User]) -> User:
    """Takes copies of what is held about people, and changes nothing."""
    return make_staff("view_user", "export_user", email="archivist@example.com")


@pytest.fixture
def archivists(archivist: User) -> Browser:
    return signed_in(archivist)


def signed_in(user: User) -> Browser:
    browser = Browser()
    with read_at_once():
        assert browser.sign_in(user.email).status_code == 303
    return browser
