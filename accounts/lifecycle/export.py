"""Everything that is held about somebody, as one JSON document (GDPR articles 15 and 20)."""

import uuid
from typing import Any

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.users.models import User

from . import powers

_DEVICE = ("id", "name", "platform", "user_agent", "last_network", "transport", "client_id", "scope", "acr", "amr")
_DEVICE_TIMES = ("created_at", "last_seen_at", "idle_expires_at", "expires_at", "revoked_at", "ended_because")
_EVENT = ("occurred_at", "event", "outcome", "device_id", "address", "user_agent", "details")


ATTACHMENT = {"Content-Disposition": 'attachment; filename="account.json"', "Cache-Control": "no-store"}


def document(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> dict[str, Any]:
    """`collect`, with an audit event that says who took it away."""
    record(Event.EXPORT_MADE, subject=subject_id, actor=actor_id, source=source)
    return collect(subject_id)


def document_for_staff(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> dict[str, Any]:
    """Raises `NotFound` or `Forbidden`."""
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
    return document(subject.id, actor_id=actor.id, source=source)


def collect(user_id: uuid.UUID) -> dict[str, Any]:
    """No secret is in it: a password, a key or a code is only said to be there. Raises `User.DoesNotExist`."""
    user = User.objects.prefetch_related("groups").get(id=user_id)
    return {
        "profile": _profile(user),
        "ways_to_sign_in": _ways(user),
        "devices": list(Device.objects.filter(user_id=user_id).order_by("created_at").values(*_DEVICE, *_DEVICE_TIMES)),
        "activity": [_activity(event) for event in AuditEvent.objects.filter(subject_id=user_id).order_by("id")],
    }


def _activity(event: AuditEvent) -> dict[str, Any]:
    """Where staff sat when they did something is theirs."""
    told = {name: getattr(event, name) for name in _EVENT}
    by_staff = event.actor_id not in {None, event.subject_id}
    return told | {"address": None, "user_agent": ""} if by_staff else told


def _profile(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "email": user.email,
        "email_verified_at": user.email_verified_at,
        "name": user.name,
        "language": user.language,
        "groups": [group.name for group in user.groups.all()],
        "is_active": user.is_active,
        "is_staff": user.is_staff,
        "is_superuser": user.is_superuser,
        "created_at": user.created_at,
        "deletion_due_at": user.deletion_due_at,
    }


def _ways(user: User) -> dict[str, Any]:
    authenticator = getattr(user, "authenticator", None)
    return {
        "password": user.has_usable_password(),
        "authenticator_app": authenticator.confirmed_at if authenticator else None,
        "recovery_codes_left": user.recovery_codes.filter(used_at=None).count(),
        "passkeys": list(user.passkeys.values("name", "aaguid", "created_at", "last_used_at", "backed_up")),
        "identities": list(user.identities.values("provider", "issuer", "subject", "email", "created_at", "last_used_at")),
    }
