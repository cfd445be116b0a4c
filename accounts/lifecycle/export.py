"""Everything that is held about somebody, as one JSON document (GDPR articles 15 and 20)."""

import uuid
from typing import Any

from django.apps import apps
from django.db import transaction
from django.db.models import Model

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.federation.models import FederatedIdentity
from accounts.links.models import MailedCode, UndoneEmailChange
from accounts.mfa.models import Authenticator, RecoveryCode
from accounts.outbox.models import OutboxMessage
from accounts.passkeys.models import Passkey
from accounts.users.models import User

from . import powers

FIELDS: dict[type[Model], tuple[str, ...]] = {
    User: (
        *("id", "email", "email_verified_at", "name", "language", "joined_by", "is_active", "is_staff", "is_superuser"),
        *("epoch", "created_at", "deletion_due_at"),
    ),
    Device: (
        *("id", "name", "platform", "user_agent", "last_network", "transport", "client_id", "scope", "claims"),
        *("auth_time", "acr", "amr", "jkt", "counter", "rotated_at", "rescued_at_counter", "rescue_streak"),
        *("created_at", "last_seen_at", "idle_expires_at", "expires_at", "revoked_at", "ended_because"),
        *("browser", "ends_with_browser"),
    ),
    Passkey: (
        *("id", "credential_id", "name", "aaguid", "sign_count", "transports", "backup_eligible", "backed_up"),
        *("created_at", "last_used_at"),
    ),
    FederatedIdentity: ("id", "provider", "issuer", "subject", "email", "created_at", "last_used_at"),
    Authenticator: ("created_at", "confirmed_at", "last_step", "last_used_at"),
    RecoveryCode: ("row", "used_at"),
    AuditEvent: (
        *("occurred_at", "event", "outcome", "actor_id", "device_id", "address", "user_agent", "request_id", "details"),
    ),
    MailedCode: ("key", "context", "tries", "created_at", "expires_at"),
    UndoneEmailChange: ("since_epoch", "until_epoch"),
    # By its name: its room stands above this one.
    apps.get_model("accounts", "Consent"): ("id", "client", "scopes", "claims", "given_at"),
    OutboxMessage: ("kind", "recipient", "created_at", "due_at", "attempts", "failed_at", "last_error"),
}
"""Of each table that speaks of a person. A test names what is left out, and why."""

_ORIGIN = {"address": None, "user_agent": "", "request_id": ""}
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
    user = User.objects.prefetch_related("groups", "user_permissions__content_type").get(id=user_id)
    return {
        "profile": _profile(user),
        "ways_to_sign_in": _ways(user),
        "devices": _rows(Device, "created_at", user_id=user_id),
        "applications": list(user.consents.values("client__name", "client", "scopes", "claims", "given_at")),
        "mailed_codes": [_code(row) for row in _rows(MailedCode, "created_at", user_id=user_id)],
        "undone_changes_of_address": _rows(UndoneEmailChange, "user_id", user_id=user_id),
        "messages": _rows(OutboxMessage, "created_at", user_id=user_id),
        "activity": [_activity(row, user_id) for row in _rows(AuditEvent, "id", subject_id=user_id)],
        "acts_on_others": _acts_on_others(user_id),
    }


def _rows(model: type[Model], order: str, **whose: uuid.UUID) -> list[dict[str, Any]]:
    return list(model._default_manager.filter(**whose).order_by(order).values(*FIELDS[model]))


def _profile(user: User) -> dict[str, Any]:
    permissions = (f"{one.content_type.app_label}.{one.codename}" for one in user.user_permissions.all())
    return {
        **{name: getattr(user, name) for name in FIELDS[User]},
        "groups": [group.name for group in user.groups.all()],
        "permissions": sorted(permissions),
    }


def _ways(user: User) -> dict[str, Any]:
    codes = _rows(RecoveryCode, "row", user_id=user.id)
    return {
        "password": user.has_usable_password(),
        "authenticator_app": next(iter(_rows(Authenticator, "created_at", user_id=user.id)), None),
        "recovery_codes": codes,
        "recovery_codes_left": sum(code["used_at"] is None for code in codes),
        "passkeys": _rows(Passkey, "created_at", user_id=user.id),
        "identities": _rows(FederatedIdentity, "created_at", user_id=user.id),
    }


def _code(row: dict[str, Any]) -> dict[str, Any]:
    """What it is for, and the address that would become theirs. What else was noted tells one registration from another."""
    purpose, noted = row.pop("key").partition(":")[0], row.pop("context")
    return {"purpose": purpose, "new_email": noted.get("email"), **row}


def _activity(row: dict[str, Any], user_id: uuid.UUID) -> dict[str, Any]:
    """Who the staff were, and where they sat when they did something, is theirs."""
    actor_id = row.pop("actor_id")
    if actor_id in {None, user_id}:
        return {"by": "nobody signed in" if actor_id is None else "oneself", **row}
    return {"by": "staff", **row, **_ORIGIN}


def _acts_on_others(user_id: uuid.UUID) -> list[dict[str, Any]]:
    """What somebody did to other accounts, and to what is nobody's. To whom, and what of them it changed, is theirs."""
    acts = AuditEvent.objects.filter(actor_id=user_id).exclude(subject_id=user_id)
    return list(acts.order_by("id").values("occurred_at", "event", "outcome", *_ORIGIN))
