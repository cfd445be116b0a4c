"""Ending other devices from a page wants a recent proof; ending one's own does not (SECURITY R-27)."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Browser

OTHERS = "/account/security/sign-out-others/"


def sign_out_of(device: str) -> str:
    return f"/account/security/devices/{device}/sign-out/"


def alive(device: str) -> bool:
    return Device.objects.filter(id=device, revoked_at=None).exists()


@pytest.fixture
def browser(alice: User, app: App) -> Browser:
    browser = Browser()
    browser.sign_in(alice.email)
    return browser


def test_R27_fresh_browser_signs_another_device_out(browser: Browser, app: App) -> None:
    assert browser.post(sign_out_of(app.device)).status_code == 303
    assert not alive(app.device)


@pytest.mark.parametrize("everything", [True, False])
def test_R27_stale_browser_is_asked_to_sign_in_first(browser: Browser, app: App, everything: bool) -> None:
    with time_machine.travel(timezone.now() + settings.FRESHNESS_WINDOW + timedelta(minutes=1)):
        answer = browser.post(OTHERS if everything else sign_out_of(app.device))
    assert answer.headers["Location"].startswith("/account/confirm/")
    assert alive(app.device)


def test_R27_stale_browser_signs_itself_out(browser: Browser) -> None:
    own = str(Device.objects.get(transport=Device.Transport.COOKIE).id)
    with time_machine.travel(timezone.now() + settings.FRESHNESS_WINDOW + timedelta(minutes=1)):
        browser.post(sign_out_of(own))
    assert not alive(own)
