"""How long an audit event remembers where it came from: long enough to look into an incident, no longer (SECURITY G-06)."""

import uuid

from django.conf import settings
from django.utils import timezone

from accounts.core import secrets

from .models import AuditEvent

_BATCH = 500


def forget_origins() -> int:
    """Address and user agent of events older than `AUDIT_ORIGIN_RETENTION` go, the event stays; answers how many."""
    limit = timezone.now() - settings.AUDIT_ORIGIN_RETENTION
    old = AuditEvent.objects.filter(occurred_at__lt=limit).exclude(address=None, user_agent="")
    return AuditEvent.objects.filter(id__in=list(old.values_list("id", flat=True)[:_BATCH])).update(address=None, user_agent="")


def forget_person(user_id: uuid.UUID) -> None:
    """Events about and by somebody who is erased: under a pseudonym that only this server's key could link to them, and
    without origin or details (SECURITY L-12)."""
    pseudonym = uuid.UUID(secrets.fingerprint("erased", str(user_id)))
    events = AuditEvent.objects.all()
    events.filter(subject_id=user_id).update(subject_id=pseudonym, address=None, user_agent="", device_id=None, details={})
    events.filter(actor_id=user_id).update(actor_id=pseudonym, address=None, user_agent="")
