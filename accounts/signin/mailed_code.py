"""Sign in by a six-digit code, or by the link beside it in the same mail. It opens mailboxes, so it is worth less than any
factor: `acr` is `email`, and never enough for a role that demands two (SECURITY P-24)."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.clock import now
from accounts.core.errors import InvalidCode, MethodDisabled, TokenInvalid
from accounts.core.proofs import Acr, Proof, at_least
from accounts.core.requests import Source
from accounts.links import codes, mailed, postage, proven_address
from accounts.links.asker import Asker
from accounts.links.codes import CodePurpose
from accounts.links.mailed import MailedAct
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.passwords import throttle
from accounts.users.demands import demanded
from accounts.users.email import normalise
from accounts.users.models import User
from accounts.users.standing import is_leaving, is_open

from . import known_device
from .known_device import KnownDevice


@dataclass(frozen=True, slots=True)
class Asked:
    challenge: uuid.UUID
    expires_in: int


def ask(email: str, *, evidence: KnownDevice | None, source: Source) -> Asked:
    """The same answer and the same work for every address. Raises `MethodDisabled`."""
    _require_offered()
    address = normalise(email)
    user = User.objects.filter(email=address).first()
    asker, owner = known_device.asker(evidence, source), user.id if user else None
    if not postage.allowed(CodePurpose.SIGN_IN, address, asker, user_id=owner):
        return Asked(_challenge_of(address, asker, owner), codes.LIFETIME)
    reachable = user if user and is_open(user) and not at_least(demanded(user), Acr.AAL2) else None
    noted = {"asker": asker.mark}
    asked = codes.ask(CodePurpose.SIGN_IN, address, user_id=reachable.id if reachable else None, context=noted)
    # Written for everybody, whatever is sent: the time must not tell (SECURITY E-02).
    letter = _letter(reachable or User(email=address), asked)
    if user and is_leaving(user):
        enqueue.notice(Notice.DELETION_REQUESTED, user.id, source=source)
    else:
        enqueue.mail("sign_in_code", to=address if reachable else "", user_id=reachable.id if reachable else None, **letter)
    record(Event.CODE_SENT, subject=user.id if user else None, source=source, succeeded=reachable is not None)
    return Asked(asked.challenge, codes.LIFETIME)


def _challenge_of(address: str, asker: Asker, owner: uuid.UUID | None) -> uuid.UUID:
    """Of the code that was mailed before, for whoever asked for it and for a device of its owner. Others could use its tries up:
    they get a challenge that nothing was mailed for."""
    challenge, noted = codes.current(CodePurpose.SIGN_IN, address)
    return challenge if asker.device_of(owner) or noted.get("asker") == asker.mark else uuid.uuid4()


def prove(challenge: str, code: str, *, evidence: KnownDevice | None, source: Source) -> Proof:
    """Raises `InvalidCode`, `MethodDisabled`. Whoever reads the mail owns the address, so an unverified one is verified by it."""
    _require_offered()
    asker = known_device.asker(evidence, source)
    redeemed = codes.redeem(CodePurpose.SIGN_IN, code=code, asker=asker, challenge=challenge)
    with transaction.atomic():
        return _proof(redeemed.lock(), source)


def prove_by_link(token: str, *, source: Source) -> Proof:
    """The link beside the code. Raises `TokenInvalid`, `MethodDisabled`."""
    _require_offered()
    link = mailed.open_link(token, MailedAct.SIGN_IN)
    with transaction.atomic():
        mailed.use(link)
        return _proof(link.user, source)


def prove_again(user: User, challenge: str, code: str, *, device_id: uuid.UUID, source: Source) -> Proof:
    """For a step up on this device. Raises `InvalidCode`, also for somebody else's code."""
    asker = Asker(source, device_id, user.id)
    if codes.redeem(CodePurpose.SIGN_IN, code=code, asker=asker, challenge=challenge).user.id != user.id:
        raise InvalidCode("somebody else's code")
    return Proof(user.id, user.epoch, ("otp",), Acr.EMAIL, now())


def whose(token: str) -> str:
    """The address that a link signs in, for the page that asks. Raises `TokenInvalid`."""
    email = mailed.open_link(token, MailedAct.SIGN_IN).user.email
    if not email:
        raise TokenInvalid("no address")
    return email


def _require_offered() -> None:
    if not settings.EMAIL_CODE_SIGN_IN:
        raise MethodDisabled


def _proof(user: User, source: Source) -> Proof:
    joins = user.email_verified_at is None
    proven_address.accept(user, keep_credentials=False, source=source)
    throttle.forgive(user.email or "")
    return Proof(user.id, user.epoch, ("otp",), Acr.EMAIL, now(), joins=joins)


def _letter(user: User, asked: codes.Asked) -> dict[str, Any]:
    return {
        "language": user.language,
        "name": user.name,
        "code": asked.code,
        "url": mailed.url(MailedAct.SIGN_IN, user, challenge=asked.challenge),
        "expires_minutes": codes.LIFETIME // 60,
    }
