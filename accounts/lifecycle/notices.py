"""Tell people about their own account: in their language, to the address they have when the worker delivers it."""

from typing import Any

from django.conf import settings
from django.utils.dateparse import parse_datetime

from accounts.devices import platforms
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.outbox import mail
from accounts.outbox.enqueue import Notice
from accounts.users.models import User
from accounts.users.standing import is_leaving


def deliver(payload: dict[str, Any]) -> None:
    """The handler of `notice` messages. Somebody who has gone or has no address is told nothing; nor of leaving,
    when they stay."""
    user = User.objects.filter(id=payload["user_id"]).first()
    about_leaving = payload["what"] == Notice.DELETION_REQUESTED
    if user is None or not user.email or (about_leaving and not is_leaving(user)):
        return
    context = {
        "name": user.name,
        "devices_url": f"{settings.PUBLIC_URL}/account/security/",
        "not_me_url": mailed.url(MailedAct.NOT_ME, user),
        **(_way_back(user) if about_leaving else {}),
        **payload["details"],
    }
    context["occurred_at"] = parse_datetime(context["occurred_at"])
    context["platform"] = platforms.named(context.get("platform", ""))
    mail.send({"template": payload["what"], "to": user.email, "language": user.language, "context": context})


def _way_back(user: User) -> dict[str, Any]:
    """The link is made when the mail goes out: asking for it again costs what any other mail does (SECURITY E-02)."""
    return {"due_at": user.deletion_due_at, "url": mailed.url(MailedAct.CANCEL_DELETION, user)}
