"""Links sent by mail: sealed, typed for one act, bound to the user's epoch, good for one use."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from accounts.core import gates
from accounts.core.errors import TokenInvalid
from accounts.tokens import sealed
from accounts.tokens.claims import Claims
from accounts.users.models import User


class MailedAct(StrEnum):
    """What a link is for, and how long it is good (seconds): `lifetime_of`."""

    INVITATION = "invitation"
    SET_PASSWORD = "set_password"


_LIFETIMES = {MailedAct.INVITATION: 7 * 86_400, MailedAct.SET_PASSWORD: 24 * 3600}


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is genuine, in time and unused; `use` makes it used."""

    act: MailedAct
    user: User
    jti: str
    expires_at: int


def lifetime_hours(act: MailedAct) -> int:
    return _LIFETIMES[act] // 3600


def url(act: MailedAct, user: User) -> str:
    """The address always comes from `PUBLIC_URL`, never from a request (SECURITY L-03)."""
    claims = {"act": act.value, "sub": str(user.id), "epoch": user.epoch}
    token = sealed.seal(sealed.MAIL_LINK, claims, lifetime=_LIFETIMES[act])
    return f"{settings.PUBLIC_URL}/account/reset/?token={token}"


def open_link(token: str) -> Opened:
    """Look without using: raises `TokenInvalid` for a link that is forged, old, used, or older than the account's epoch."""
    claims = sealed.unseal(sealed.MAIL_LINK, token)
    user = _user(claims)
    if user is None or not user.is_active or user.epoch != claims.integer("epoch"):
        raise TokenInvalid("outdated link")
    return Opened(MailedAct(claims.text("act")), user, claims.text("jti"), claims.integer("exp"))


def use(link: Opened) -> None:
    """Raises `TokenInvalid` for everybody but the first; call it in the transaction of the act.

    The row is locked: of two different links to one account, used at the same moment, only one changes its epoch.
    """
    if not User.objects.select_for_update().filter(id=link.user.id, epoch=link.user.epoch, is_active=True).exists():
        raise TokenInvalid("outdated link")
    if not gates.consume("mail-link", link.jti, expires_at=link.expires_at):
        raise TokenInvalid("link was used")


def _user(claims: Claims) -> User | None:
    try:
        return User.objects.filter(id=uuid.UUID(claims.text("sub"))).first()
    except ValueError:
        return None
