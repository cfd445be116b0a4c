"""Recent activity in plain words: what the audit trail says about somebody, for that somebody."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.requests import in_words, network
from accounts.devices.models import Device
from accounts.federation.providers import label_of
from accounts.signin import browsers, steps

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Sentence:
    """`text` may hold `%(device)s`, `%(client)s` and `%(provider)s`; `warns` marks what somebody else may have caused."""

    text: Text | Callable[[AuditEvent], Text]
    warns: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """`near`: the /24 or /56 it came from, as people read addresses; empty for what the server or staff did."""

    text: str
    occurred_at: datetime
    near: str
    warns: bool


_SECOND_STEPS = {steps.TOTP, steps.RECOVERY_CODE, steps.PASSKEY}


def _ended(event: AuditEvent) -> Text:
    return _ENDED.get(event.details.get("because", ""), _("%(device)s was signed out"))


def _failed(event: AuditEvent) -> Text:
    """A proof that was right, of an account that may not be used, is no wrong password."""
    if event.details.get("method") in _SECOND_STEPS:
        return _("Wrong second step")
    return _("Wrong password") if event.details.get("reason") == "wrong" else _("A sign-in was refused")


def _by_staff(own: Text, staff: Text) -> Callable[[AuditEvent], Text]:
    """What one does oneself, and what staff may do as well."""
    return lambda event: own if event.actor_id == event.subject_id else staff


_ENDED: dict[str, Text] = {
    Device.Ended.SIGNED_OUT_ELSEWHERE: _("%(device)s was signed out from another device"),
    Device.Ended.SIGNED_OUT_BY_STAFF: _("%(device)s was signed out by staff"),
    Device.Ended.PASSWORD_CHANGED: _("%(device)s was signed out because the password was changed"),
    Device.Ended.REFRESH_TOKEN_REUSED: _("%(device)s was signed out because a copy of its key was used"),
    Device.Ended.NOT_ME: _("%(device)s was signed out because you said that it was not you"),
}
SENTENCES: dict[Event, Sentence] = {
    Event.SIGN_IN_SUCCEEDED: Sentence(_("Signed in on %(device)s")),
    Event.SIGN_IN_FAILED: Sentence(_failed, warns=True),
    Event.SIGN_IN_THROTTLED: Sentence(_("Sign-in was slowed down after too many wrong attempts"), warns=True),
    Event.DEVICE_REVOKED: Sentence(_ended),
    Event.DEVICE_RENAMED: Sentence(_("A device was renamed to %(device)s")),
    Event.REFRESH_TOKEN_REUSED: Sentence(_("A copy of the key of %(device)s was used"), warns=True),
    Event.REFRESH_TOKEN_LOST: Sentence(_("%(device)s lost its connection for too long")),
    Event.REFRESH_COUNTER_AHEAD: Sentence(_("%(device)s was ahead of the server")),
    Event.PASSWORD_CHANGED: Sentence(_("The password was changed")),
    Event.PASSWORD_LINK_SENT: Sentence(_("Staff sent a link to choose a password")),
    Event.USER_CREATED: Sentence(_("The account was made")),
    Event.USER_UPDATED: Sentence(_by_staff(_("The profile was changed"), _("Staff changed the account"))),
    Event.USER_DISABLED: Sentence(
        _by_staff(_("The account was closed because you said that it was not you"), _("Staff closed the account"))
    ),
    Event.USER_ENABLED: Sentence(_("Staff opened the account again")),
    Event.USER_SIGNED_OUT: Sentence(_("Staff signed out every device")),
    Event.ROLES_CHANGED: Sentence(_("Staff changed the roles of the account")),
    Event.LINK_ISSUED: Sentence(_("A download link was made")),
    Event.USER_REGISTERED: Sentence(_("The account was made")),
    Event.EMAIL_VERIFIED: Sentence(_("The e-mail address was confirmed")),
    Event.EMAIL_CHANGE_REQUESTED: Sentence(_("A change of the e-mail address was begun")),
    Event.EMAIL_CHANGED: Sentence(_("The e-mail address was changed")),
    Event.EMAIL_CHANGE_UNDONE: Sentence(_("The change of the e-mail address was undone"), warns=True),
    Event.PASSWORD_RESET_REQUESTED: Sentence(_("A new password was asked for by mail")),
    Event.CODE_SENT: Sentence(_("A code to sign in was asked for by mail")),
    Event.STEP_UP_SUCCEEDED: Sentence(_("Confirmed on %(device)s that it is you")),
    Event.STEP_UP_FAILED: Sentence(_("A confirmation on %(device)s failed"), warns=True),
    Event.TOTP_ENROLLED: Sentence(_("An authenticator app was added")),
    Event.TOTP_REMOVED: Sentence(_("The authenticator app was removed")),
    Event.RECOVERY_CODES_RENEWED: Sentence(_("New recovery codes were made")),
    Event.RECOVERY_CODE_USED: Sentence(_("A recovery code was used")),
    Event.PASSKEY_REGISTERED: Sentence(_("A passkey was added")),
    Event.PASSKEY_RENAMED: Sentence(_("A passkey was renamed")),
    Event.PASSKEY_REMOVED: Sentence(_("A passkey was removed")),
    Event.PASSKEY_COUNTER_WENT_BACK: Sentence(_("A passkey seems to have been copied"), warns=True),
    Event.IDENTITY_LINKED: Sentence(_("%(provider)s was linked")),
    Event.IDENTITY_UNLINKED: Sentence(_("%(provider)s was unlinked")),
    Event.DELETION_REQUESTED: Sentence(
        _by_staff(_("The account was closed to be deleted"), _("Staff closed the account to be deleted"))
    ),
    Event.DELETION_CANCELLED: Sentence(_("The deletion of the account was cancelled")),
    Event.EXPORT_MADE: Sentence(_by_staff(_("A copy of your data was downloaded"), _("Staff downloaded a copy of your data"))),
    Event.GUEST_CREATED: Sentence(_("The account was begun as a guest")),
    Event.CLIENT_SIGNED_IN: Sentence(_("Signed in to %(client)s")),
    Event.CONSENT_GIVEN: Sentence(_("%(client)s was let in")),
    Event.CONSENT_WITHDRAWN: Sentence(_("%(client)s was locked out again")),
    Event.CODE_REUSED: Sentence(_("A copy of a sign-in to %(client)s was used"), warns=True),
    Event.NOT_ME_REPORTED: Sentence(_("You said that it was not you, and everything was signed out"), warns=True),
}
ABOUT_NOBODY = {
    *(Event.GROUP_CREATED, Event.GROUP_UPDATED, Event.GROUP_DELETED, Event.KEYS_ROTATED, Event.KEY_PULLED),
    *(Event.USERS_IMPORTED, Event.ACCOUNT_ERASED),
    *(Event.CLIENT_REGISTERED, Event.CLIENT_UPDATED, Event.CLIENT_SECRET_ROTATED, Event.CLIENT_STOPPED, Event.CLIENT_STARTED),
    Event.CLIENT_REFUSED,
    *(Event.SERVICE_REGISTERED, Event.SERVICE_UPDATED, Event.SERVICE_REMOVED),
}
"""Events without a person in them, or about somebody who is no more."""


def of(user_id: uuid.UUID, *, newest: int) -> list[Line]:
    """The newest first."""
    events = list(AuditEvent.objects.filter(subject_id=user_id, event__in=SENTENCES)[:newest])
    names = _names_of(event.device_id for event in events)
    return [_line(event, names) for event in events]


def _line(event: AuditEvent, names: dict[uuid.UUID, str]) -> Line:
    sentence = SENTENCES[Event(event.event)]
    text = sentence.text(event) if callable(sentence.text) else sentence.text
    known: dict[str, Any] = {
        "device": _device(event, names),
        "client": event.details.get("client_name") or _("An application"),
        "provider": label_of(event.details.get("provider", "")) or _("A provider"),
    }
    by_owner = event.actor_id in {None, event.subject_id}
    said = str(text) % known
    near = in_words(network(event.address or "")) if by_owner else ""
    return Line(said[:1].upper() + said[1:], event.occurred_at, near, sentence.warns)


def _device(event: AuditEvent, names: dict[uuid.UUID, str]) -> str:
    """By the name its owner knows it by; of one that is swept already, what the browser called itself."""
    named = names.get(event.device_id) if event.device_id else ""
    if named:
        return named
    return browsers.name_of(event.user_agent) if browsers.is_known(event.user_agent) else str(_("a device"))


def _names_of(device_ids: Iterable[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    devices = Device.objects.filter(id__in={device_id for device_id in device_ids if device_id})
    return {device.id: device.name or device.platform for device in devices}
