"""Tell people about their own account: in their language, to the address they have when the worker delivers it."""

from typing import Any

from django.conf import settings

from accounts.devices import platforms
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.outbox import mail
from accounts.users.models import User


def deliver(payload: dict[str, Any]) -> None:
    """The handler of `notice` messages. Somebody who has gone or has no address is told nothing."""
    user = User.objects.filter(id=payload["user_id"]).first()
    if user is None or not user.email:
        return
    context = {
        "name": user.name,
        "devices_url": f"{settings.PUBLIC_URL}/account/security/",
        "not_me_url": mailed.url(MailedAct.NOT_ME, user),
        **payload["details"],
    }
    context["platform"] = platforms.named(context.get("platform", ""))
    mail.send({"template": payload["what"], "to": user.email, "language": user.language, "context": context})
