"""Show that an address is one's own: a code and a link in one mail, after a registration or asked for again."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from accounts.core.clock import now
from accounts.core.errors import TokenInvalid
from accounts.core.proofs import Acr, Proof
from accounts.core.requests import NOWHERE, Source
from accounts.links import codes, mailed, postage, proven_address
from accounts.links.asker import Asker
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.outbox import enqueue
from accounts.tokens import sealed
from accounts.users.email import normalise
from accounts.users.models import User
from accounts.users.standing import Standing, standing

REGISTRATION = sealed.SealedPurpose("registration+jwt", codes.VERIFY_LIFETIME)
"""What a registration leaves with whoever made it: at the verification it shows that both are one and the same."""

NO_HANDLE = "-"
"""Of no registration: for a page that knows that its browser made none."""


def handle(registration: uuid.UUID) -> str:
    return sealed.seal(REGISTRATION, {"registration": str(registration)})


def after_right_credentials(email: str, *, source: Source) -> str:
    """Mail a new code to somebody who has just shown the password or passkey of an unverified account: these stay when they
    verify. Answers the handle of their registration; `NO_HANDLE` when no more mail may go out."""
    address = normalise(email)
    if not postage.allowed(CodePurpose.VERIFY_EMAIL, address, Asker(source)):
        return NO_HANDLE
    with transaction.atomic():
        # Locked: nobody registers between the look at what was noted and the new note.
        user = User.objects.select_for_update().filter(email=address, email_verified_at=None).first()
        if user is None:
            return NO_HANDLE
        before = codes.noted(CodePurpose.VERIFY_EMAIL, address)
        registration = uuid.UUID(before["registration"]) if "registration" in before else uuid.uuid4()
        mail(user, registration=registration, contested=_is_contested(user, before), source=source)
    return handle(registration)


def _is_contested(user: User, noted: dict[str, Any]) -> bool:
    """Whoever knows the password of a contested registration need not be the one who reads the mail: it shows which of the
    two came last. That of an import was set by nobody who registered here. What is not noted any more may have been."""
    return user.joined_by == User.JoinedBy.REGISTRATION and bool(noted.get("contested", True))


def mail(user: User, *, registration: uuid.UUID | None = None, contested: bool = False, source: Source = NOWHERE) -> None:
    """`registration=None` keeps what the last one noted. `contested`: somebody else registered this address as well. `source` is
    where the credentials of the account were typed."""
    context = _noted(registration, contested, source) if registration else None
    _mail_to(user, user.email or "", context)


def _mail_to(user: User, to: str, context: dict[str, Any] | None = None) -> None:
    """`to` is empty, and `user` no row, where nobody waits for a code: the same work (SECURITY E-02)."""
    code, url = code_and_link(user, context, is_somebody=bool(to))
    enqueue.mail(
        "verify_email",
        to=to,
        user_id=user.id if to else None,
        language=user.language,
        name=user.name,
        code=code,
        url=url,
        expires_hours=codes.VERIFY_LIFETIME // 3600,
    )


def code_and_link(user: User, context: dict[str, Any] | None = None, *, is_somebody: bool = True) -> tuple[str, str]:
    """What stands in the mail. They void those of before; `context=None` keeps what the last one noted."""
    owner = user.id if is_somebody else None
    asked = codes.ask(CodePurpose.VERIFY_EMAIL, user.email or "", user_id=owner, context=context, lifetime=codes.VERIFY_LIFETIME)
    return asked.code, mailed.url(MailedAct.VERIFY_EMAIL, user, challenge=asked.challenge)


def note_for_nobody(address: str, *, source: Source) -> None:
    """Leave a code that opens nothing where a registration made no account: wrong codes then count as after one that did
    (SECURITY E-02). What is noted keeps nobody's credentials."""
    code_and_link(User(email=address), _noted(uuid.uuid4(), True, source), is_somebody=False)


def _noted(registration: uuid.UUID, contested: bool, source: Source) -> dict[str, Any]:
    return {"registration": str(registration), "contested": contested, "origin": Asker(source).mark}


def resend(email: str, *, source: Source) -> None:
    """The same work for every address. Who asks shows no handle and may be the owner, who never registered: from here on the
    network and the program show no more that both are one, and only the handle keeps what was chosen (SECURITY L-10)."""
    address = normalise(email)
    user = User.objects.filter(email=address).first()
    if not postage.allowed(CodePurpose.VERIFY_EMAIL, address, Asker(source)):
        return
    codes.note(CodePurpose.VERIFY_EMAIL, address, contested=True)
    if user is not None and standing(user) is Standing.UNVERIFIED:
        mail(user)
    else:
        _mail_to(User(email=address), "")


@dataclass(frozen=True, slots=True)
class Verified:
    """`credentials_kept`: False when a password, passkey or identity of before was dropped. Whoever chose it must hear of it, or
    they find out at their next sign-in."""

    proof: Proof
    credentials_kept: bool


def by_code(email: str, code: str, *, registration: str = "", source: Source) -> Verified:
    """Raises `InvalidCode`. What the registration chose stays for whoever shows its handle, and for an app that shows none but
    sends the code from where it registered, if nobody else did meanwhile."""
    redeemed = codes.redeem(CodePurpose.VERIFY_EMAIL, code=code, asker=Asker(source), address=normalise(email))
    with transaction.atomic():
        return _verified(redeemed.lock(), keep=_is_same(registration, redeemed.context, source), source=source)


def by_link(token: str, *, registration: str = "", source: Source) -> Verified:
    """Raises `TokenInvalid`. Whoever opens a link need not be the one who registered: without the handle of that registration,
    what was chosen then is dropped (SECURITY L-10)."""
    link = mailed.open_link(token, MailedAct.VERIFY_EMAIL)
    context = codes.noted_with(link.challenge)
    with transaction.atomic():
        mailed.use(link)
        return _verified(link.user, keep=_is_of(registration, context), source=source)


def whose(token: str) -> str:
    """The address that a link verifies, for the page that asks. Raises `TokenInvalid`."""
    email = mailed.open_link(token, MailedAct.VERIFY_EMAIL).user.email
    if not email:
        raise TokenInvalid("no address")
    return email


def _is_same(registration: str, context: dict[str, Any], source: Source) -> bool:
    if registration:
        return _is_of(registration, context)
    return context.get("origin") == Asker(source).mark and not context.get("contested", True)


def _is_of(registration: str, context: dict[str, Any]) -> bool:
    """A handle that is missing, forged or run out is of no registration."""
    if not registration:
        return False
    try:
        return sealed.unseal(REGISTRATION, registration).text("registration") == context.get("registration")
    except TokenInvalid:
        return False


def _verified(user: User, *, keep: bool, source: Source) -> Verified:
    before, joins = _credentials(user), user.email_verified_at is None
    proven_address.accept(user, keep_credentials=keep, source=source)
    proof = Proof(user.id, user.epoch, ("otp",), Acr.EMAIL, now(), joins=joins)
    return Verified(proof, credentials_kept=_credentials(user) == before)


def _credentials(user: User) -> tuple[bool, int, int]:
    return user.has_usable_password(), user.passkeys.count(), user.identities.count()
