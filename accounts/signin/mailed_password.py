"""Set a password by a link: one from a mail, or the one that a fresh install prints for its first administrator."""

from typing import Any

from django.db import transaction

from accounts.core.requests import Source
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.passwords import hashing, policy
from accounts.users.models import User

from . import first_administrator, password_reset

FIRST_ADMINISTRATOR = "first_administrator"
_ACTS = (MailedAct.INVITATION, MailedAct.SET_PASSWORD, MailedAct.RESET_PASSWORD)


def look(token: str) -> tuple[str, str]:
    """What the link is for and whose it is, without using it. Raises `TokenInvalid`."""
    if first_administrator.is_setup_token(token):
        first_administrator.require_open(token)
        return FIRST_ADMINISTRATOR, ""
    link = mailed.open_link(token, *_ACTS)
    return link.act.value, link.user.email or ""


def act(token: str, fields: dict[str, Any], source: Source) -> User:
    """Raises `TokenInvalid`, or Django's `ValidationError` for a password that is not acceptable (the link stays good)."""
    if first_administrator.is_setup_token(token):
        return first_administrator.create(token, fields, source)
    return set_by_link(token, fields["new_password"], source=source)


def set_by_link(token: str, new_password: str, *, source: Source) -> User:
    """A link from a mail. Raises like `act`."""
    link = mailed.open_link(token, *_ACTS)
    policy.require_acceptable(new_password, link.user)
    encoded = hashing.hashed(new_password)
    with transaction.atomic():
        mailed.use(link)
        password_reset.set_by_mail(link.user, encoded, source=source)
    return link.user
