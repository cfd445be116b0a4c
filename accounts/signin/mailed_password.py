"""Set a password by a mail: its link, or the code beside it; or by the link that a fresh install prints for its first
administrator."""

from typing import Any

from django.db import transaction

from accounts.core.errors import InvalidCode
from accounts.core.requests import Source
from accounts.links import codes, mailed
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.passwords import hashing, policy
from accounts.users.email import normalise
from accounts.users.models import User
from accounts.users.standing import is_open

from . import first_administrator, known_device, password_reset
from .known_device import KnownDevice

FIRST_ADMINISTRATOR = "first_administrator"
_ACTS = (MailedAct.INVITATION, MailedAct.SET_PASSWORD, MailedAct.RESET_PASSWORD)
_PURPOSES = (CodePurpose.RESET_PASSWORD, CodePurpose.SET_PASSWORD)


def code_and_link(act: MailedAct, user: User) -> tuple[str, str]:
    """For a mail that lets `user` choose a password without having asked for it. They void those of before: one purpose for all
    such mails, and another one for a reset, which a stranger may ask for."""
    asked = codes.ask(CodePurpose.SET_PASSWORD, user.email or "", user_id=user.id, lifetime=mailed.lifetime(act))
    return asked.code, mailed.url(act, user, challenge=asked.challenge)


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


def set_by_code(email: str, code: str, new_password: str, *, evidence: KnownDevice | None, source: Source) -> User:
    """The code beside it. Raises `InvalidCode`, or Django's `ValidationError` for the password, and then the code stays good."""
    address = normalise(email)
    policy.require_acceptable(new_password, User(email=address))
    encoded = hashing.hashed(new_password)
    redeemed = codes.redeem(*_PURPOSES, code=code, asker=known_device.asker(evidence, source), address=address)
    with transaction.atomic():
        user = redeemed.lock()
        if not is_open(user):
            raise InvalidCode("account is closed")
        password_reset.set_by_mail(user, encoded, source=source)
    return user
