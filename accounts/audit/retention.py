"""How long an audit event remembers where it came from: long enough to look into an incident, no longer (SECURITY G-06)."""

from django.conf import settings
from django.utils import timezone

from .models import AuditEvent

_BATCH = 500


def forget_origins() -> int:
    """Address and user agent of events older than `AUDIT_ORIGIN_RETENTION` go, the event stays; answers how many."""
    limit = timezone.now() - settings.AUDIT_ORIGIN_RETENTION
    old = AuditEvent.objects.filter(occurred_at__lt=limit, address__isnull=False).values_list("id", flat=True)[:_BATCH]
    return AuditEvent.objects.filter(id__in=list(old)).update(address=None, user_agent="")
