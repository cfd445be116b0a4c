"""Undo what somebody else did to an account: for its owner, who reads the mail that told of it."""

from datetime import UTC, datetime, timedelta

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.proofs import Acr
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.revocations import publish
from accounts.signin import mailed_password, steps
from accounts.users.demands import demanded
from accounts.users.models import User

_LOOK_BACK = timedelta(days=1)
"""A notice tells of what has happened already, and it may be the last of several."""


def report(token: str, *, source: Source) -> str:
    """ "This was not me": everything ends, and the link to choose a new password is the answer; none when the account had to be
    closed. Raises `TokenInvalid`."""
    link = mailed.open_link(token, MailedAct.NOT_ME)
    with transaction.atomic():
        mailed.use(link)
        expel(link.user, since=link.issued_at, source=source)
        record(Event.NOT_ME_REPORTED, subject=link.user.id, actor=link.user.id, source=source)
        return mailed_password.code_and_link(MailedAct.SET_PASSWORD, link.user)[1] if link.user.is_active else ""


def whose(token: str) -> User:
    """Whose account it is, for the page that asks. Raises `TokenInvalid`."""
    return mailed.open_link(token, MailedAct.NOT_ME).user


def expel(user: User, *, since: int, source: Source) -> None:
    """Every device ends, the password opens nothing any more, what was added since the day before `since` (Unix seconds) as a
    way in goes, and so does a deletion that was asked for. Codes and links that are on their way are outdated.

    Whoever is here holds a mailbox and no more, so it never opens an account that a second factor stood before: an
    authenticator app that took the place of another stays, and so does one that a role demands (SECURITY L-08).
    """
    added = datetime.fromtimestamp(since, UTC) - _LOOK_BACK
    must_have_two = demanded(user) is Acr.AAL2
    had_two = bool(steps.second_factors(user.id))
    user.set_unusable_password()
    if user.deletion_due_at is not None:
        record(Event.DELETION_CANCELLED, subject=user.id, actor=user.id, source=source)
    User.objects.filter(id=user.id).update(password=user.password, deletion_due_at=None)
    user.passkeys.filter(created_at__gte=added).delete()
    user.identities.filter(created_at__gte=added).delete()
    _drop_new_second_step(user, added, spare_app=must_have_two or _had_an_app(user, added))
    if must_have_two and had_two and not steps.second_factors(user.id):
        _close(user, source)
    publish.users_stale([user.id])
    registry.revoke_all(user.id, Device.Ended.NOT_ME, actor=user.id, source=source)
    user.refresh_from_db()


def _drop_new_second_step(user: User, added: datetime, *, spare_app: bool) -> None:
    """Of an app the confirmation counts: its secret may have been asked for long before. Of codes the newest set."""
    authenticator = getattr(user, "authenticator", None)
    if authenticator is None:
        return
    renewed = AuditEvent.objects.filter(subject_id=user.id, event=Event.RECOVERY_CODES_RENEWED, occurred_at__gte=added)
    goes = authenticator.confirmed_at is None or (authenticator.confirmed_at >= added and not spare_app)
    if goes:
        authenticator.delete()
    if goes or renewed.exists():
        user.recovery_codes.all().delete()


def _had_an_app(user: User, added: datetime) -> bool:
    """Whether one was confirmed already at `added`: then the first that happened to it since is that it was removed."""
    since = AuditEvent.objects.filter(
        subject_id=user.id, event__in=(Event.TOTP_ENROLLED, Event.TOTP_REMOVED), occurred_at__gte=added
    )
    return since.order_by("id").values_list("event", flat=True).first() == Event.TOTP_REMOVED


def _close(user: User, source: Source) -> None:
    """Passkeys of these days were all that a role's demand was met with. They may be a thief's, so they go; and a mailbox must
    not set up a factor of its own in their place, so an administrator looks first."""
    User.objects.filter(id=user.id).update(is_active=False)
    record(Event.USER_DISABLED, subject=user.id, actor=user.id, source=source)
