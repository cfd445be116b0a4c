"""Browsers in the states that the tests here begin with."""

import pytest
from pytest_django import Settings

from accounts.users.models import User
from tests.support.browser import Browser


@pytest.fixture
def stranger(db: None) -> Browser:
    """Has looked at the sign-in page, so it holds a CSRF cookie, and nothing else."""
    browser = Browser()
    browser.get("/account/sign-in/")
    return browser


@pytest.fixture
def alices(alice: User) -> Browser:
    browser = Browser()
    assert browser.sign_in(alice.email).status_code == 303
    return browser


@pytest.fixture
def roots(superuser: User) -> Browser:
    browser = Browser()
    assert browser.sign_in(superuser.email).status_code == 303
    return browser


@pytest.fixture
def https(settings: Settings) -> None:
    """What `PUBLIC_URL=https://…` makes of the cookies."""
    settings.SECURE_COOKIES = settings.CSRF_COOKIE_SECURE = settings.SESSION_COOKIE_SECURE = True
    settings.COOKIE_NAME = "__Host-signet"
    settings.KNOWN_DEVICE_COOKIE_NAME = "__Host-known-device"
    settings.CSRF_COOKIE_NAME = "__Host-csrf"
