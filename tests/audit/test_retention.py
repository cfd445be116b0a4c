"""Where events came from is forgotten after a while; the events stay (SECURITY G-06)."""

from datetime import timedelta

from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.audit.models import AuditEvent
from tests.support.app import App


def test_G06_worker_forgets_the_address_of_an_old_event(app: App, settings: Settings) -> None:
    before = AuditEvent.objects.count()
    AuditEvent.objects.update(occurred_at=timezone.now() - settings.AUDIT_ORIGIN_RETENTION - timedelta(seconds=1))
    call_command("worker", "--once")
    assert AuditEvent.objects.filter(address__isnull=False).count() == 0
    assert AuditEvent.objects.count() == before


def test_G06_worker_keeps_the_address_of_a_younger_event(app: App, settings: Settings) -> None:
    AuditEvent.objects.update(occurred_at=timezone.now() - settings.AUDIT_ORIGIN_RETENTION + timedelta(minutes=1))
    call_command("worker", "--once")
    assert AuditEvent.objects.filter(event="sign_in.succeeded", address__isnull=False).exists()
