"""Mails that let somebody choose a password: the invitation to a new account, and a link sent by staff.

Staff never type or see a password.
"""

import uuid
from typing import Any

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.errors import AccountDisabled
from accounts.core.requests import Source
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.outbox import enqueue, mail
from accounts.signin import mailed_password
from accounts.users.models import User

from . import powers

INVITATION = "invitation"


def invite(user: User) -> None:
    """Call it last in the transaction that makes the account: code and link are bound to the epoch that it has then."""
    code, url = mailed_password.code_and_link(MailedAct.INVITATION, user)
    context = {"name": user.name, "code": code, "url": url, "expires_days": mailed.lifetime_hours(MailedAct.INVITATION) // 24}
    letter = {"template": "invitation", "to": user.email, "language": user.language, "context": context}
    enqueue.enqueue(INVITATION, {**letter, "user_id": str(user.id)}, user_id=user.id)


def deliver(payload: dict[str, Any]) -> None:
    """The handler of `invitation` messages. Whoever invited is looked up now: a message that waits would keep the name of
    somebody who is erased meanwhile (SECURITY L-12)."""
    made = AuditEvent.objects.filter(event=Event.USER_CREATED, subject_id=payload["user_id"]).values("actor_id")
    name = User.objects.filter(id__in=made).values_list("name", flat=True).first()
    mail.send({**payload, "context": {**payload["context"], "inviter_name": name or ""}})


def send_password_link(subject_id: uuid.UUID, *, actor_id: uuid.UUID, source: Source) -> None:
    """To the stored address only. Raises `NotFound`, `Forbidden`, or `AccountDisabled`, whose link would not open."""
    with transaction.atomic():
        actor, subject = powers.meet(actor_id, subject_id)
        if not subject.is_active:
            raise AccountDisabled
        mail_password_link(subject)
        record(Event.PASSWORD_LINK_SENT, subject=subject.id, actor=actor.id, source=source)


def mail_password_link(user: User) -> None:
    """Call it in the transaction of what it is due to."""
    code, url = mailed_password.code_and_link(MailedAct.SET_PASSWORD, user)
    enqueue.mail(
        "set_password",
        to=user.email,
        user_id=user.id,
        language=user.language,
        name=user.name,
        code=code,
        url=url,
        expires_hours=mailed.lifetime_hours(MailedAct.SET_PASSWORD),
    )
