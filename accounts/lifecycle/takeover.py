"""Undo what somebody else did to an account: for its owner, who reads the mail that told of it."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.revocations import publish
from accounts.users.models import User

_LOOK_BACK = timedelta(days=1)
"""A notice tells of what has happened already, and it may be the last of several."""


def report(token: str, *, source: Source) -> str:
    """ "This was not me": everything ends, and the link to choose a new password is the answer. Raises `TokenInvalid`."""
    link = mailed.open_link(token, MailedAct.NOT_ME)
    with transaction.atomic():
        mailed.use(link)
        expel(link.user, since=link.issued_at, source=source)
        record(Event.NOT_ME_REPORTED, subject=link.user.id, actor=link.user.id, source=source)
    return mailed.url(MailedAct.SET_PASSWORD, link.user)


def whose(token: str) -> User:
    """Whose account it is, for the page that asks. Raises `TokenInvalid`."""
    return mailed.open_link(token, MailedAct.NOT_ME).user


def expel(user: User, *, since: int, source: Source) -> None:
    """Every device ends, the password opens nothing any more, what was added since the day before `since` (Unix seconds) as a
    way in goes, and so does a deletion that was asked for. Codes and links that are on their way are outdated."""
    added = datetime.fromtimestamp(since, UTC) - _LOOK_BACK
    user.set_unusable_password()
    if user.deletion_due_at is not None:
        record(Event.DELETION_CANCELLED, subject=user.id, actor=user.id, source=source)
    User.objects.filter(id=user.id).update(password=user.password, deletion_due_at=None)
    user.passkeys.filter(created_at__gte=added).delete()
    user.identities.filter(created_at__gte=added).delete()
    _drop_new_second_step(user, added)
    publish.users_stale([user.id])
    registry.revoke_all(user.id, Device.Ended.NOT_ME, actor=user.id, source=source)
    user.refresh_from_db()


def _drop_new_second_step(user: User, added: datetime) -> None:
    """Of an app the confirmation counts: its secret may have been asked for long before. Of codes the newest set."""
    authenticator = getattr(user, "authenticator", None)
    if authenticator is None:
        return
    renewed = AuditEvent.objects.filter(subject_id=user.id, event=Event.RECOVERY_CODES_RENEWED, occurred_at__gte=added)
    is_new = authenticator.confirmed_at is None or authenticator.confirmed_at >= added
    if is_new:
        authenticator.delete()
    if is_new or renewed.exists():
        user.recovery_codes.all().delete()
