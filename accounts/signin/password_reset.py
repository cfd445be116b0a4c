"""A forgotten password: a code and a link by mail, and a new password for one of them. Nobody is signed in by it, so that a
second factor is still asked for at the next sign-in (SECURITY L-08)."""

from typing import Any

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.links import codes, mailed, postage, proven_address
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.passwords import change
from accounts.users.email import normalise
from accounts.users.models import User
from accounts.users.standing import is_leaving, is_open

from . import known_device
from .known_device import KnownDevice


def ask(email: str, *, evidence: KnownDevice | None, source: Source) -> None:
    """The same work for every address."""
    address = normalise(email)
    user = User.objects.filter(email=address).first()
    asker = known_device.asker(evidence, source)
    if not postage.allowed(CodePurpose.RESET_PASSWORD, address, asker, user_id=user.id if user else None):
        return
    reachable = user if user and is_open(user) else None
    asked = codes.ask(
        CodePurpose.RESET_PASSWORD, address, user_id=reachable.id if reachable else None, lifetime=codes.RESET_LIFETIME
    )
    # Written for everybody, whatever is sent: the time must not tell (SECURITY E-02).
    letter = _letter(reachable or User(email=address), asked)
    if user and is_leaving(user):
        enqueue.notice(Notice.DELETION_REQUESTED, user.id, source=source)
    else:
        enqueue.mail("reset_password", to=address if reachable else "", user_id=reachable.id if reachable else None, **letter)
    record(Event.PASSWORD_RESET_REQUESTED, subject=user.id if user else None, source=source, succeeded=reachable is not None)


def set_by_mail(user: User, encoded: str, *, source: Source) -> None:
    """A password chosen by somebody who reads the account's mail: every device ends."""
    with transaction.atomic():
        proven_address.accept(user, keep_credentials=False, source=source)
        change.store(user, encoded, actor=user.id, keep=None, source=source, address_is_proven=True)


def _letter(user: User, asked: codes.Asked) -> dict[str, Any]:
    return {
        "language": user.language,
        "name": user.name,
        "code": asked.code,
        "url": mailed.url(MailedAct.RESET_PASSWORD, user, challenge=asked.challenge),
        "expires_minutes": codes.RESET_LIFETIME // 60,
    }
