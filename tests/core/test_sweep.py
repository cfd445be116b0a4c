"""What the worker sweeps: everything that has had its time, however much came since the last round, and nothing else."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import Settings

from accounts.audit import retention
from accounts.audit.models import AuditEvent
from accounts.core import sweep
from accounts.core.models import Gate
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.links import codes
from accounts.links.codes import CodePurpose
from accounts.links.models import MailedCode
from tests.support.app import App

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_S03_one_round_takes_more_than_a_batch_and_leaves_what_is_alive() -> None:
    expired = [Gate(key=f"old:{number}", expires_at=1) for number in range(1201)]
    Gate.objects.bulk_create([*expired, Gate(key="alive", expires_at=2**40)])
    assert sweep.sweep()["gates"] == 1201
    assert list(Gate.objects.values_list("key", flat=True)) == ["alive"]


def test_S03_codes_go_a_day_after_they_ran_out() -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        codes.ask(CodePurpose.SIGN_IN, "alice@example.com", user_id=None)
        clock.shift(codes.LIFETIME + 86_400)
        assert (codes.sweep(), MailedCode.objects.count()) == (0, 1)
        clock.shift(1)
        assert (codes.sweep(), MailedCode.objects.count()) == (1, 0)


def test_R02_ended_device_is_kept_until_no_token_of_it_could_come_back(app: App) -> None:
    app.post("/auth/token/revoke/", {"refresh": app.refresh})
    end = Device.objects.get(id=app.device).expires_at + timedelta(days=1)
    for moment, left in ((end - timedelta(seconds=1), 1), (end + timedelta(seconds=1), 0)):
        with time_machine.travel(moment, tick=False):
            assert (registry.sweep(), Device.objects.count()) == (1 - left, left)


@pytest.mark.parametrize("origin", [{"address": "203.0.113.7"}, {"user_agent": "a phone"}])
def test_G06_whatever_tells_of_an_origin_is_forgotten(settings: Settings, origin: dict[str, str]) -> None:
    old, young = (AuditEvent.objects.create(event="sign_in.succeeded", outcome="success", **origin) for _ in range(2))
    age = settings.AUDIT_ORIGIN_RETENTION + timedelta(seconds=1)
    AuditEvent.objects.filter(id=old.id).update(occurred_at=timezone.now() - age)
    assert [retention.forget_origins(), retention.forget_origins()] == [1, 0]
    kept = AuditEvent.objects.exclude(address=None, user_agent="")
    assert list(kept.values_list("id", flat=True)) == [young.id]
