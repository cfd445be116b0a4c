"""Refresh tokens while `ENCRYPTION_KEYS` is rotated (SECURITY R-21, R-22)."""

import base64

import pytest
import time_machine
from pytest_django import Settings

from accounts.audit.models import AuditEvent
from accounts.core import metrics, secrets
from accounts.devices.models import Device
from accounts.tokens import refresh_token
from accounts.users.models import User
from project.environment import parse_encryption_keys
from tests.conftest import signed_in
from tests.support.app import App

pytestmark = pytest.mark.django_db
NEW = base64.urlsafe_b64encode(b"n" * 32).decode()


def mac_key(app: App) -> str:
    return Device.objects.get(id=app.device).mac_key_id


def test_R21_new_key_in_front_signs_nobody_out(alice: User, settings: Settings) -> None:
    phone, tablet = signed_in(alice), signed_in(alice)
    old = secrets.primary_key_id()
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    assert secrets.primary_key_id() != old == mac_key(tablet)
    for app in (phone, tablet):
        assert app.rotate()["X-Refresh"] == "rotated"
        assert mac_key(app) == secrets.primary_key_id()
        assert app.rotate()["X-Refresh"] == "rotated"


def test_R21_removed_key_is_an_invalid_token_and_no_theft(alice: User, settings: Settings) -> None:
    left_behind, moved = signed_in(alice), signed_in(alice)
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    moved.rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    counted = metrics.refreshes.labels("invalid")._value.get()
    answer = App().rotate(left_behind.refresh)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert metrics.refreshes.labels("invalid")._value.get() == counted + 1
    assert Device.objects.get(id=left_behind.device).revoked_at is None
    assert not AuditEvent.objects.filter(event__startswith="refresh_token").exists()
    assert moved.rotate()["X-Refresh"] == "rotated"


def test_R21_retry_whose_answer_needs_a_removed_key_accuses_nobody(app: App, settings: Settings) -> None:
    """The token presented is of the new key, the answer that was lost of the old one: a roll-back of the setting."""
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [NEW, *old]
    app.rotate()
    presented = app.refresh
    settings.ENCRYPTION_KEYS = [*old, NEW]
    app.rotate()
    settings.ENCRYPTION_KEYS = [NEW]
    answer = App().rotate(presented)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")
    assert Device.objects.get(id=app.device).revoked_at is None


@pytest.mark.parametrize("key", ["", "k" * 32])
def test_R22_retry_across_the_rotation_gets_the_same_bytes(
    app: App, settings: Settings, clock: time_machine.Traveller, key: str
) -> None:
    first = app.refresh
    lost = app.rotate(first, key=key).json()["refresh"]
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    clock.shift(30)
    assert app.rotate(first, key=key).json()["refresh"] == lost
    assert app.rotate(lost)["X-Refresh"] == "rotated"


def test_R22_control_another_key_makes_other_bytes(app: App, settings: Settings) -> None:
    row = Device.objects.get(id=app.device)
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    assert refresh_token.make(row.id, 0, row.mac_key_id) == app.refresh
    assert refresh_token.make(row.id, 0, secrets.primary_key_id()) != app.refresh


def test_R22_old_token_of_an_old_key_is_still_recognised_as_stolen(app: App, settings: Settings) -> None:
    stolen = app.refresh
    settings.ENCRYPTION_KEYS = [NEW, *settings.ENCRYPTION_KEYS]
    app.rotate()
    app.rotate()
    assert App().rotate(stolen).json()["code"] == "token_reused"


def test_J27_start_refuses_short_and_empty_keys() -> None:
    assert parse_encryption_keys(NEW) == [NEW]
    for raw in ("", ",", "c2hvcnQ=", base64.urlsafe_b64encode(b"x" * 31).decode(), f"{NEW},"[:-2], f"{NEW},AAAA"):
        with pytest.raises(ValueError, match=r".*"):
            parse_encryption_keys(raw)
