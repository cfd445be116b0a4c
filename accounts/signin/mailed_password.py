"""Set a password by a link: one from a mail, or the one that a fresh install prints for its first administrator."""

from typing import Any

from django.db import transaction

from accounts.core.requests import Source
from accounts.links import mailed
from accounts.passwords import change, hashing, policy
from accounts.users.models import User

from . import first_administrator

FIRST_ADMINISTRATOR = "first_administrator"


def look(token: str) -> tuple[str, str]:
    """What the link is for and whose it is, without using it. Raises `TokenInvalid`."""
    if first_administrator.is_setup_token(token):
        first_administrator.require_open(token)
        return FIRST_ADMINISTRATOR, ""
    link = mailed.open_link(token)
    return link.act.value, link.user.email


def act(token: str, fields: dict[str, Any], source: Source) -> User:
    """Raises `TokenInvalid`, or Django's `ValidationError` for a password that is not acceptable (the link stays good)."""
    if first_administrator.is_setup_token(token):
        return first_administrator.create(token, fields, source)
    link = mailed.open_link(token)
    policy.require_acceptable(fields["new_password"], link.user)
    encoded = hashing.hashed(fields["new_password"])
    with transaction.atomic():
        mailed.use(link)
        change.store(link.user, encoded, keep=None, source=source, address_is_proven=True)
    return link.user
