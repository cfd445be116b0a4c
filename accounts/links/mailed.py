"""Links sent by mail: sealed, typed for one act, bound to their account, inert until posted, good for one use."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

from accounts.core import gates, secrets
from accounts.core.errors import TokenInvalid
from accounts.tokens import sealed
from accounts.tokens.claims import Claims
from accounts.users.models import User
from accounts.users.standing import is_open

from . import codes
from .models import UndoneEmailChange


class MailedAct(StrEnum):
    """What a link does. None works for another (SECURITY L-06)."""

    INVITATION = "invitation"
    SET_PASSWORD = "set_password"
    RESET_PASSWORD = "reset_password"
    VERIFY_EMAIL = "verify_email"
    SIGN_IN = "sign_in"
    CHANGE_EMAIL = "change_email"
    UNDO_EMAIL_CHANGE = "undo_email_change"
    NOT_ME = "not_me"
    CANCEL_DELETION = "cancel_deletion"


@dataclass(frozen=True, slots=True)
class _Terms:
    """`lifetime` in seconds. A link that protects its owner outlives a change of the account by whoever got in."""

    page: str
    lifetime: int
    bound_to_epoch: bool = True


_DAY = 86_400
_TERMS = {
    MailedAct.INVITATION: _Terms("reset/", 7 * _DAY),
    MailedAct.SET_PASSWORD: _Terms("reset/", _DAY),
    MailedAct.RESET_PASSWORD: _Terms("reset/", codes.RESET_LIFETIME),
    MailedAct.VERIFY_EMAIL: _Terms("verify/", codes.VERIFY_LIFETIME),
    MailedAct.SIGN_IN: _Terms("code/", codes.LIFETIME),
    MailedAct.CHANGE_EMAIL: _Terms("email/", codes.VERIFY_LIFETIME),
    MailedAct.UNDO_EMAIL_CHANGE: _Terms("email/undo/", 7 * _DAY, bound_to_epoch=False),
    MailedAct.NOT_ME: _Terms("not-me/", 7 * _DAY, bound_to_epoch=False),
    MailedAct.CANCEL_DELETION: _Terms("delete/cancel/", 14 * _DAY, bound_to_epoch=False),
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A link that is genuine, in time and unused; `use` makes it used. `email` is what an undo goes back to."""

    act: MailedAct
    user: User
    jti: str
    epoch: int
    issued_at: int
    expires_at: int
    challenge: str = ""
    email: str = ""


def lifetime(act: MailedAct) -> int:
    """In seconds."""
    return _TERMS[act].lifetime


def lifetime_hours(act: MailedAct) -> int:
    return lifetime(act) // 3600


def url(act: MailedAct, user: User, *, challenge: uuid.UUID | None = None, email: str = "") -> str:
    """The address always comes from `PUBLIC_URL`, never from a request (SECURITY L-03).

    `challenge` ties the link to the code that stands beside it in the mail: the first of the two that is used ends both.
    """
    terms = _TERMS[act]
    claims = {
        "act": act.value,
        "sub": str(user.id),
        "epoch": user.epoch,
        "address": _fingerprint(user),
        **({"challenge": str(challenge)} if challenge else {}),
        **({"email": email} if email else {}),
    }
    token = sealed.seal(sealed.MAIL_LINK, claims, lifetime=terms.lifetime)
    return f"{settings.PUBLIC_URL}/account/{terms.page}?token={token}"


def open_link(token: str, *acts: MailedAct) -> Opened:
    """Look without using: raises `TokenInvalid` for a link that is forged, old, used, made for another act, or outdated by a
    change of the account (SECURITY L-05)."""
    claims = sealed.unseal(sealed.MAIL_LINK, token)
    act = MailedAct(claims.text("act"))
    user = _user(claims)
    if act not in acts or user is None or not _still_fits(act, claims, user):
        raise TokenInvalid("outdated link")
    challenge = claims.get("challenge", "")
    if challenge and not codes.is_live(challenge):
        raise TokenInvalid("its code was used, or another one was asked for")
    return Opened(
        act=act,
        user=user,
        jti=claims.text("jti"),
        epoch=claims.integer("epoch"),
        issued_at=claims.integer("iat"),
        expires_at=claims.integer("exp"),
        challenge=challenge,
        email=claims.get("email", ""),
    )


def use(link: Opened) -> None:
    """Raises `TokenInvalid` for everybody but the first; call it in the transaction of the act.

    The row is locked: of two different links to one account, used at the same moment, only one changes its epoch.
    """
    if not User.objects.select_for_update().filter(id=link.user.id, epoch=link.user.epoch).exists():
        raise TokenInvalid("outdated link")
    if not gates.consume("mail-link", link.jti, expires_at=link.expires_at):
        raise TokenInvalid("link was used")
    if link.challenge and not codes.spend(link.challenge):
        raise TokenInvalid("its code was used")


def _still_fits(act: MailedAct, claims: Claims, user: User) -> bool:
    if act is MailedAct.CANCEL_DELETION:
        return user.is_active and user.deletion_due_at is not None
    if act is MailedAct.UNDO_EMAIL_CHANGE:
        # Also of an account that is leaving: whoever changed the address may have closed it as well.
        return user.is_active and not _was_undone(user.id, claims.integer("epoch"))
    open_for_it = user.is_active if act is MailedAct.NOT_ME else is_open(user)
    if not open_for_it or claims.text("address") != _fingerprint(user):
        return False
    return not _TERMS[act].bound_to_epoch or user.epoch == claims.integer("epoch")


def void_later_undos(link: Opened) -> None:
    """Undo links that were mailed after `link` and before now belong to whoever made those changes. Call it in the
    transaction of the undo. Each change raises the epoch: it orders what a clock takes for simultaneous."""
    before = UndoneEmailChange.objects.filter(user_id=link.user.id).values_list("since_epoch", flat=True).first()
    since = min(before, link.epoch) if before is not None else link.epoch
    UndoneEmailChange.objects.update_or_create(
        user_id=link.user.id, defaults={"since_epoch": since, "until_epoch": link.user.epoch}
    )


def _was_undone(user_id: uuid.UUID, epoch: int) -> bool:
    return UndoneEmailChange.objects.filter(user_id=user_id, since_epoch__lte=epoch, until_epoch__gte=epoch).exists()


def _fingerprint(user: User) -> str:
    return secrets.fingerprint("mail-link", user.email or "")


def _user(claims: Claims) -> User | None:
    try:
        return User.objects.filter(id=uuid.UUID(claims.text("sub"))).first()
    except ValueError:
        return None
