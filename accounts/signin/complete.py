"""The last step of every way in: gate → what is still missing → device → audit. Tokens are computed from what it commits."""

from collections.abc import Callable

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import metrics
from accounts.core.errors import AccountUnavailable, EmailUnverified, InvalidCredentials, InvalidDpopProof, Problem
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.outbox import enqueue
from accounts.outbox.enqueue import Notice
from accounts.tokens import gate
from accounts.tokens.gate import Admission
from accounts.users.models import User

from . import steps
from .entry import Entry


def complete(proof: Proof, entry: Entry, *, spend: Callable[[], None] | None = None) -> tuple[Admission, Device]:
    """Raises `AccountUnavailable` or `EmailUnverified`: asked again here, whatever the method found a moment ago.

    Raises `MfaRequired` or `MfaEnrolmentRequired` when the proof is not enough for this account, and `InvalidCredentials`
    when the account has changed since the proof: somebody who guessed the old password while it was being changed must not
    be left signed in. `spend` uses up what may be used once, in the same transaction; so is the proof of a key, where there is
    one: `InvalidDpopProof` when it was used before.
    """
    try:
        admission, device = _completed(proof, entry, spend)
    except (AccountUnavailable, EmailUnverified, InvalidCredentials, InvalidDpopProof) as refusal:
        _refused(proof, entry.source, refusal)
        raise
    metrics.sign_ins.labels(_method(proof), "succeeded").inc()
    return admission, device


def _completed(proof: Proof, entry: Entry, spend: Callable[[], None] | None) -> tuple[Admission, Device]:
    with transaction.atomic():
        # Locked, so that an account disabled at this very moment either stops us or ends the device we make.
        user = User.objects.select_for_update().filter(id=proof.user_id, epoch=proof.epoch).first()
        if user is None:
            raise InvalidCredentials("changed since the proof")
        admission = gate.admit(user)
        steps.require_enough(user, proof, entry)
        if spend:
            spend()
        if entry.dpop:
            entry.dpop.spend()
        return admission, _remembered(user, proof, entry)


def _refused(proof: Proof, source: Source, refusal: Problem) -> None:
    """After the rollback, or it would be undone with the rest. That another step is missing is no refusal."""
    metrics.sign_ins.labels(_method(proof), "failed").inc()
    amr = list(proof.amr)
    record(
        Event.SIGN_IN_FAILED, subject=proof.user_id, source=source, succeeded=False, reason=refusal.code, amr=amr, acr=proof.acr
    )


def _method(proof: Proof) -> str:
    return proof.amr[0] if proof.amr else proof.acr


def _remembered(user: User, proof: Proof, entry: Entry) -> Device:
    jkt = entry.dpop.jkt if entry.dpop else ""
    device = registry.remember(proof, entry.scope, entry.transport, entry.description, entry.source, jkt=jkt)
    record(
        Event.SIGN_IN_SUCCEEDED,
        subject=user.id,
        actor=user.id,
        device=device.id,
        source=entry.source,
        amr=list(proof.amr),
        acr=proof.acr,
        transport=entry.transport,
    )
    is_known = entry.evidence is not None and entry.evidence.user_id == user.id
    if not proof.joins and not is_known:
        enqueue.notice(Notice.NEW_DEVICE, user.id, source=entry.source, device_name=str(device), platform=device.platform)
    return device
