"""The last step of every way in: gate → device → audit. The tokens are computed from what this commits."""

from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core import metrics
from accounts.core.errors import InvalidCredentials
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.tokens import gate
from accounts.tokens.gate import Admission
from accounts.users.models import User


def complete(proof: Proof, *, scope: str, transport: str, description: Description, source: Source) -> tuple[Admission, Device]:
    """Raises `AccountUnavailable` or `EmailUnverified`: asked again here, whatever the method found a moment ago.

    Raises `InvalidCredentials` when the account has changed since: somebody who guessed the old password while it was
    being changed must not be left signed in.
    """
    with transaction.atomic():
        # Locked, so that an account disabled at this very moment either stops us or ends the device we make.
        user = User.objects.select_for_update().filter(id=proof.user_id, epoch=proof.epoch).first()
        if user is None:
            raise InvalidCredentials("changed since the proof")
        admission = gate.admit(user)
        device = registry.remember(proof, scope, transport, description, source)
        record(
            Event.SIGN_IN_SUCCEEDED,
            subject=proof.user_id,
            actor=proof.user_id,
            device=device.id,
            source=source,
            amr=list(proof.amr),
            acr=proof.acr,
            transport=transport,
        )
    metrics.sign_ins.labels(proof.amr[0], "succeeded").inc()
    return admission, device
