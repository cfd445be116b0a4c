"""Rotation by the table of DESIGN: swap, rescue, reuse, quiet end, counter ahead (SECURITY 1.3)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.outbox.models import OutboxMessage
from accounts.tokens import refresh_token
from accounts.users.models import User
from tests.support.app import App

pytestmark = pytest.mark.django_db(transaction=False)


def age_rotation(app: App, **span: int) -> None:
    Device.objects.filter(id=app.device).update(rotated_at=timezone.now() - timedelta(**span))


def test_refresh_answers_a_new_pair(app: App) -> None:
    before = app.refresh
    answer = app.rotate()
    assert answer["X-Refresh"] == "rotated"
    assert app.refresh != before


def test_R07_retry_gets_the_same_successor(app: App) -> None:
    first = app.refresh
    successors = {app.rotate(first).json()["refresh"] for _ in range(5)}
    assert len(successors) == 1
    assert Device.objects.get(id=app.device).counter == 1
