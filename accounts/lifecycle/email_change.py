"""Another e-mail address: the new one is confirmed, the old one is told and can take it back for a week (SECURITY L-09)."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.errors import InvalidCode, InvalidInput, TokenInvalid
from accounts.core.requests import Source
from accounts.links import codes, mailed, postage
from accounts.links.asker import Asker
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.revocations import publish
from accounts.users.email import acceptable, masked
from accounts.users.models import User
from accounts.users.standing import is_open

from . import invitation, takeover
from .registration import unverified


def request(user: User, new_email: str, *, source: Source) -> str:
    """The old address stays until the new one is confirmed; answers the new one as it will be stored.

    The same work for an address that somebody has already. Raises Django's `ValidationError`.
    """
    address = acceptable(new_email)
    if address == user.email:
        raise ValidationError(gettext_lazy("This is your address already."), code="unchanged")
    if not postage.allowed(CodePurpose.CHANGE_EMAIL, address, Asker(source)):
        _wait_beside_others(user, address)
        return address
    taken = User.objects.filter(email=address).exclude(id__in=unverified().values("id")).exists()
    asked = _asked(user, address, owner=None if taken else user.id)
    if taken:
        enqueue.nothing()
    else:
        _mail(user, address, asked)
    # At once, and not only when it has happened: the code that confirms it goes to whoever asked.
    enqueue.notice(Notice.ADDRESS_CHANGE_REQUESTED, user.id, source=source, new_address=masked(address))
    # The same event for both: its owner may read it, and would learn who has an account (SECURITY E-01).
    record(Event.EMAIL_CHANGE_REQUESTED, subject=user.id, actor=user.id, source=source)
    return address


def confirm_by_code(email: str, code: str, *, user_id: uuid.UUID | None, source: Source) -> None:
    """`user_id` is whoever types it, if that is known: the code that somebody else asked for with the same address is not theirs.
    Raises `InvalidCode`, or `InvalidInput` when somebody took the address meanwhile."""
    address = _as_stored(email)
    asked_by = user_id or _only_one_who_asked(address)
    redeemed = codes.redeem(CodePurpose.CHANGE_EMAIL, code=code, asker=Asker(source), address=address, asked_by=asked_by)
    with transaction.atomic():
        user = redeemed.lock()
        if not is_open(user):
            raise InvalidCode("account is closed")
        _change(user, redeemed.context["email"], source)


def confirm_by_link(token: str, *, source: Source) -> None:
    """Raises `TokenInvalid`, or `InvalidInput` when somebody took the address meanwhile."""
    link = mailed.open_link(token, MailedAct.CHANGE_EMAIL)
    address = codes.noted_with(link.challenge).get("email")
    if not address:
        raise TokenInvalid("its code was used")
    with transaction.atomic():
        mailed.use(link)
        _change(link.user, address, source)


def undo(token: str, *, source: Source) -> bool:
    """Back to the old address. Whoever changed it is thrown out, and a link to choose a new password goes to the owner; False
    when the account had to be closed instead.

    Raises `TokenInvalid`, or `InvalidInput` when somebody took the address meanwhile.
    """
    link = mailed.open_link(token, MailedAct.UNDO_EMAIL_CHANGE)
    with transaction.atomic():
        mailed.use(link)
        mailed.void_later_undos(link)
        left = link.user.email
        takeover.expel(link.user, since=link.issued_at, source=source)
        _store(link.user, link.email)
        undone = {"name": link.user.name, "language": link.user.language, "restored": masked(link.email)}
        enqueue.mail("email_change_undone", to=left, user_id=link.user.id, **undone)
        record(Event.EMAIL_CHANGE_UNDONE, subject=link.user.id, actor=link.user.id, source=source)
        if link.user.is_active:
            invitation.mail_password_link(link.user)
    return link.user.is_active


@dataclass(frozen=True, slots=True)
class AddressChange:
    """Whose address it is, and what it would become."""

    user: User
    address: str


def change_of(token: str, act: MailedAct) -> AddressChange:
    """What a link would do, for the page that asks. Raises `TokenInvalid`."""
    link = mailed.open_link(token, act)
    address = link.email or codes.noted_with(link.challenge).get("email", "")
    if not address:
        raise TokenInvalid("its code was used")
    return AddressChange(link.user, address)


def _asked(user: User, address: str, *, owner: uuid.UUID | None) -> codes.Asked:
    """Each who wants an address has a code of their own, so that nobody voids another's, or confirms it for another."""
    return codes.ask(
        CodePurpose.CHANGE_EMAIL,
        address,
        user_id=owner,
        asked_by=user.id,
        context={"email": address},
        lifetime=codes.VERIFY_LIFETIME,
    )


def _wait_beside_others(user: User, address: str) -> None:
    """No mail goes out, but the mails of others for this address are in the same mailbox: from now on more than one asked."""
    others = codes.waiting(CodePurpose.CHANGE_EMAIL, address)
    if others and user.id not in others:
        _asked(user, address, owner=None)


def _only_one_who_asked(address: str) -> uuid.UUID:
    """Raises `InvalidCode` when several wait for this address: nobody can tell for whom the code is typed."""
    asked = codes.waiting(CodePurpose.CHANGE_EMAIL, address)
    if len(asked) != 1:
        raise InvalidCode(f"{len(asked)} asked")
    return asked.pop()


def _as_stored(email: str) -> str:
    """Raises `InvalidCode`: no code was ever sent to such an address."""
    try:
        return acceptable(email)
    except ValidationError as error:
        raise InvalidCode("not an address") from error


def _change(user: User, address: str, source: Source) -> None:
    """Call it in a transaction that holds the account."""
    old = user.email
    _store(user, address)
    publish.users_stale([user.id])
    record(Event.EMAIL_CHANGED, subject=user.id, actor=user.id, source=source)
    if old:
        _tell_old_address(User.objects.get(id=user.id), old)


def _store(user: User, address: str) -> None:
    # Whoever typed the address into a registration has not shown that it is theirs.
    unverified().filter(email=address).exclude(id=user.id).delete()
    try:
        with transaction.atomic():
            User.objects.filter(id=user.id).update(email=address, email_verified_at=timezone.now())
    except IntegrityError:
        raise InvalidInput("email", "unique", _("Somebody has this address already.")) from None
    user.refresh_from_db()


def _mail(user: User, address: str, asked: codes.Asked) -> None:
    enqueue.mail(
        "change_email",
        to=address,
        user_id=user.id,
        language=user.language,
        name=user.name,
        code=asked.code,
        url=mailed.url(MailedAct.CHANGE_EMAIL, user, challenge=asked.challenge),
        expires_hours=codes.VERIFY_LIFETIME // 3600,
    )


def _tell_old_address(user: User, old: str) -> None:
    enqueue.mail(
        "address_changed",
        to=old,
        user_id=user.id,
        language=user.language,
        name=user.name,
        url=mailed.url(MailedAct.UNDO_EMAIL_CHANGE, user, email=old),
        expires_days=mailed.lifetime_hours(MailedAct.UNDO_EMAIL_CHANGE) // 24,
    )
