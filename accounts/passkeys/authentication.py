"""Prove by passkey who one is, or confirm it a second time.

Call both outside a transaction: a used challenge and an alarm about a copied key must be kept although the answer is refused.
"""

import logging
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from webauthn import generate_authentication_options
from webauthn.helpers import options_to_json_dict
from webauthn.helpers.structs import PublicKeyCredentialDescriptor

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.clock import now
from accounts.core.errors import InvalidCredential
from accounts.core.proofs import MULTI_FACTOR, Acr, Proof
from accounts.core.requests import NOWHERE, Source
from accounts.core.secrets import fingerprint
from accounts.users.email import normalise

from . import allowed, assertion, challenges, relying_party
from .answers import id_of
from .assertion import Asserted
from .challenges import Challenge, Purpose
from .models import Passkey

logger = logging.getLogger("signet.passkeys")


@dataclass(frozen=True, slots=True)
class Confirmed:
    """`uv`: the authenticator made sure who holds it (PIN, finger, face); then the key alone is two factors."""

    uv: bool
    amr: tuple[str, ...]

    @property
    def acr(self) -> str:
        return Acr.AAL2.value if self.uv else Acr.AAL1.value


def options(email: str = "", *, known_to: uuid.UUID | None = None) -> dict[str, Any]:
    """`{challenge, publicKey}` for `navigator.credentials.get`; without a list the authenticator knows whose its keys are.

    `known_to`: who has been signed in before on the device that asks.
    """
    address = normalise(email)
    issued = challenges.issue(Purpose.AUTHENTICATE, subject=_mark(address))
    return _options(issued, allowed.for_address(address, known_to=known_to))


def options_to_confirm(user_id: uuid.UUID) -> dict[str, Any]:
    """The same for somebody who is known already: their own keys alone."""
    return _options(challenges.issue(Purpose.CONFIRM, subject=str(user_id)), allowed.of(user_id))


def prove(challenge: str, credential: Any, *, source: Source) -> Proof:
    """Whether the account may be used is the gate's question. Raises `ChallengeInvalid`, `InvalidCredential`."""
    redeemed = challenges.redeem(Purpose.AUTHENTICATE, challenge)
    passkey = _find(credential)
    if redeemed.subject not in {"", _mark(passkey.user.email or "")}:
        raise InvalidCredential("asked for another account")
    asserted = assertion.verify(credential, redeemed.value, public_key=bytes(passkey.public_key))
    if asserted.user_handle is None and not redeemed.subject:
        raise InvalidCredential("no user handle (§7.2 step 6)")
    shown = _use(passkey, asserted, source)
    return Proof(user_id=passkey.user_id, epoch=passkey.user.epoch, amr=shown.amr, acr=shown.acr, auth_time=now())


def confirm(user_id: uuid.UUID, challenge: str, credential: Any, *, source: Source = NOWHERE) -> Confirmed:
    """Raises `ChallengeInvalid`, `InvalidCredential`; somebody else's passkey confirms nothing."""
    redeemed = challenges.redeem(Purpose.CONFIRM, challenge, subject=str(user_id))
    passkey = _find(credential)
    if passkey.user_id != user_id:
        raise InvalidCredential("somebody else's")
    asserted = assertion.verify(credential, redeemed.value, public_key=bytes(passkey.public_key))
    return _use(passkey, asserted, source)


def _options(issued: Challenge, allow: list[PublicKeyCredentialDescriptor]) -> dict[str, Any]:
    public_key = generate_authentication_options(
        rp_id=relying_party.rp_id(),
        challenge=issued.value,
        timeout=challenges.LIFETIME * 1000,
        allow_credentials=allow,
    )
    return {"challenge": issued.token, "publicKey": options_to_json_dict(public_key)}


def _mark(address: str) -> str:
    """Ties a challenge to the address it was asked for, without saying whether anybody has it."""
    return fingerprint("passkey challenge", normalise(address)) if address else ""


def _find(credential: Any) -> Passkey:
    passkey = Passkey.objects.select_related("user").filter(credential_id=id_of(credential)).first()
    if passkey is None:
        raise InvalidCredential("unknown")
    return passkey


def _use(passkey: Passkey, asserted: Asserted, source: Source) -> Confirmed:
    """What a genuine signature is worth, and the row after it."""
    if asserted.user_handle not in {None, passkey.user_id.bytes}:
        raise InvalidCredential("user handle of somebody else")
    if asserted.backup_eligible != passkey.backup_eligible:
        raise InvalidCredential("backup eligibility changed")
    if _went_back(passkey, asserted):
        _raise_alarm(passkey, asserted, source)
        raise InvalidCredential("counter went back")
    _remember_use(passkey, asserted)
    kind = "swk" if passkey.backup_eligible else "hwk"
    return Confirmed(asserted.user_verified, (kind, "user", *([MULTI_FACTOR] if asserted.user_verified else [])))


def _went_back(passkey: Passkey, asserted: Asserted) -> bool:
    """A sign of a copied key (§6.1.1). A synced key has honest copies, whose counters agree on nothing."""
    counts = passkey.sign_count or asserted.sign_count
    return bool(counts) and not passkey.backup_eligible and asserted.sign_count <= passkey.sign_count


def _raise_alarm(passkey: Passkey, asserted: Asserted, source: Source) -> None:
    with transaction.atomic(durable=True):
        record(
            Event.PASSKEY_COUNTER_WENT_BACK,
            subject=passkey.user_id,
            source=source,
            succeeded=False,
            passkey=str(passkey.id),
            stored=passkey.sign_count,
            presented=asserted.sign_count,
        )
    logger.warning("passkey.counter_went_back", extra={"subject": str(passkey.user_id)})


def _remember_use(passkey: Passkey, asserted: Asserted) -> None:
    """Compare-and-swap: of two answers with one counter, made at the same moment, one is refused."""
    with transaction.atomic(durable=True):
        swapped = Passkey.objects.filter(id=passkey.id, sign_count=passkey.sign_count).update(
            sign_count=max(passkey.sign_count, asserted.sign_count),
            backed_up=asserted.backed_up,
            last_used_at=timezone.now(),
        )
    if not swapped:
        raise InvalidCredential("used at the same moment, or removed")
