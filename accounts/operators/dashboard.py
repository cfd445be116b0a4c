"""The figures on the admin's first page: each is shown to whoever may see the list behind it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.timesince import timeuntil

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.outbox.models import OutboxMessage
from accounts.users.models import User

from . import cells

_LATEST = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """`link` leads to the list behind the number; `alarming` is coloured."""

    label: str
    value: str
    hint: str = ""
    link: str = ""
    alarming: bool = False


def figures(viewer: User | AnonymousUser) -> list[Figure]:
    return [figure for permission, make in _FIGURES if viewer.has_perm(permission) for figure in make()]


def latest_events(viewer: User | AnonymousUser) -> list[AuditEvent]:
    if not viewer.has_perm("accounts.view_auditevent"):
        return []
    events = list(AuditEvent.objects.all()[:_LATEST])
    for event in events:
        event.ago = cells.ago(event.occurred_at)  # type: ignore[attr-defined]
    return events


def _people() -> Iterator[Figure]:
    counted = User.objects.aggregate(all=Count("pk"), off=Count("pk", filter=Q(is_active=False)))
    hint = f"{counted['off']} disabled" if counted["off"] else ""
    yield Figure("People", _number(counted["all"]), hint, reverse("admin:accounts_user_changelist"))


def _devices() -> Iterator[Figure]:
    current = timezone.now()
    live = Device.objects.filter(revoked_at=None, ends_with_browser=False, idle_expires_at__gt=current, expires_at__gt=current)
    link = reverse("admin:accounts_device_changelist") + "?state=live"
    yield Figure("Signed-in devices", _number(live.count()), "browsers and apps", link)


def _sign_ins() -> Iterator[Figure]:
    link = reverse("admin:accounts_auditevent_changelist") + "?when=day&event="
    day = AuditEvent.objects.filter(occurred_at__gte=timezone.now() - timedelta(days=1)).order_by()
    counts = dict(day.values_list("event").annotate(Count("pk")))
    refused = counts.get(Event.SIGN_IN_FAILED, 0) + counts.get(Event.SIGN_IN_THROTTLED, 0)
    stolen = counts.get(Event.REFRESH_TOKEN_REUSED, 0)
    yield Figure("Sign-ins", _number(counts.get(Event.SIGN_IN_SUCCEEDED, 0)), "last 24 h", link + Event.SIGN_IN_SUCCEEDED)
    yield Figure("Refused sign-ins", _number(refused), "last 24 h", link + Event.SIGN_IN_FAILED)
    yield Figure("Stolen tokens", _number(stolen), "last 24 h", link + Event.REFRESH_TOKEN_REUSED, alarming=stolen > 0)


def _keys() -> Iterator[Figure]:
    link = reverse("admin:accounts_signingkey_changelist")
    for_access = SigningKey.objects.filter(purpose=SigningKey.Purpose.ACCESS)
    active = for_access.filter(state=SigningKey.State.ACTIVE).first()
    waiting = for_access.filter(state=SigningKey.State.NEXT, algorithm=settings.ACCESS_TOKEN_ALGORITHM).first()
    if active is None or active.activated_at is None:
        yield Figure("Signing key", "none", "run manage.py prepare", link, alarming=True)
        return
    age = timezone.now() - active.activated_at
    overdue = age > settings.SIGNING_KEY_LIFETIME + timedelta(days=1)
    yield Figure("Signing key", f"{age.days} days" if age.days != 1 else "1 day", _ripeness(waiting), link, alarming=overdue)


def _ripeness(waiting: SigningKey | None) -> str:
    if waiting is None:
        return "no next key"
    ready_at: datetime = waiting.published_at + rotation.publication_lead()
    return "next key is ready" if ready_at <= timezone.now() else f"next key in {timeuntil(ready_at, depth=1)}"


def _outbox() -> Iterator[Figure]:
    late = timezone.now() - timedelta(minutes=5)
    counted: dict[str, Any] = OutboxMessage.objects.aggregate(
        waiting=Count("pk", filter=Q(failed_at=None)),
        late=Count("pk", filter=Q(failed_at=None, created_at__lt=late)),
        failed=Count("pk", filter=Q(failed_at__isnull=False)),
    )
    hint = f"{counted['failed']} failed" if counted["failed"] else f"{counted['late']} late" if counted["late"] else "none failed"
    yield Figure("Mail waiting", _number(counted["waiting"]), hint, alarming=bool(counted["failed"] or counted["late"]))


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ")


_FIGURES: tuple[tuple[str, Callable[[], Iterator[Figure]]], ...] = (
    ("accounts.view_user", _people),
    ("accounts.view_device", _devices),
    ("accounts.view_auditevent", _sign_ins),
    ("accounts.view_signingkey", _keys),
    ("accounts.view_user", _outbox),
)
