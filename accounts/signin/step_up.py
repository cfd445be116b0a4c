"""Prove again who you are: what an act that could take an account over asks for."""

import uuid
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop as _

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.clock import now
from accounts.core.errors import (
    DeviceRevoked,
    InsufficientUserAuthentication,
    InvalidCredential,
    InvalidCredentials,
    InvalidInput,
    Problem,
)
from accounts.core.proofs import Acr, Proof, at_least
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.mfa import factors
from accounts.passkeys import authentication as passkeys
from accounts.passwords import hashing
from accounts.passwords.throttle import guarded
from accounts.revocations import publish
from accounts.tokens import gate
from accounts.tokens.gate import Admission
from accounts.tokens.grant import Grant
from accounts.users.demands import demanded
from accounts.users.models import User

from . import mailed_code, second_factor, steps, worth
from .second_factor import Shown

PASSWORD, EMAIL = "password", "email"


def require_strongest(grant: Grant) -> None:
    """Before a way to sign in is added or removed: a proof of the last minutes, as strong as the account can give.

    Raises `InsufficientUserAuthentication` (RFC 9470 §3). NIST SP 800-63B §4.1.2: binding asks for the highest level.
    A guest who has set up nothing has its device alone to show, at whatever age.
    """
    wanted = _strongest(grant.user_id)
    window = int(settings.FACTOR_FRESHNESS_WINDOW.total_seconds())
    if now() - grant.auth_time <= window and (not wanted or at_least(grant.acr, wanted)):
        return
    if not _has_nothing_to_confirm_with(grant.user_id):
        raise InsufficientUserAuthentication(max_age=window, acr_values=wanted)


def _strongest(user_id: uuid.UUID) -> str:
    """What the account can reach: aal2 with an authenticator app beside a factor of its own, aal1 with one of the two. Empty
    where there is a mailbox alone, or nothing."""
    user = User.objects.filter(id=user_id).first()
    first_factors = steps.ways_in(user) & {PASSWORD, steps.PASSKEY, "identity"} if user else set()
    has_app = factors.has_authenticator(user_id)
    if has_app and first_factors:
        return Acr.AAL2.value
    return Acr.AAL1.value if has_app or first_factors else ""


def reach(device: Device) -> Acr:
    """How strongly its owner could prove themself on it, in one confirmation or two. A passkey is taken to make sure who holds
    it, unless it has just shown that it does not."""
    ways = steps.ways_in(device.user)
    firsts = ways & {PASSWORD, steps.PASSKEY, "identity"}
    has_key = steps.PASSKEY in ways and (PASSWORD in ways or not worth.is_key_alone(device.amr, device.acr))
    if has_key or (steps.TOTP in ways and firsts):
        return Acr.AAL2
    if firsts or steps.TOTP in ways:
        return Acr.AAL1
    return Acr.EMAIL if EMAIL in ways else Acr.GUEST


def _has_nothing_to_confirm_with(user_id: uuid.UUID) -> bool:
    user = User.objects.filter(id=user_id).first()
    return user is not None and not steps.ways_in(user)


def methods(user: User, device: Device) -> list[str]:
    """With what this person may confirm on this device. A step up never weakens what the device was signed in with:
    where a second factor was shown or could be, the password alone does not do, unless it is what is missing."""
    second = steps.second_factors(user.id)
    first = [PASSWORD] if user.has_usable_password() else []
    if second and (factors.has_authenticator(user.id) or at_least(device.acr, Acr.AAL2)):
        return second if worth.has_first_factor(device.amr, device.acr) else [*first, *second]
    if steps.ways_in(user) & {PASSWORD, steps.PASSKEY, "identity"}:
        return [*second, *first]
    return [EMAIL] if user.email and settings.EMAIL_CODE_SIGN_IN else []


def confirm(grant: Grant, shown: Shown, *, challenge: str = "", source: Source) -> tuple[Admission, Device]:
    """The device, proved anew: its older access tokens and cookies go stale (SECURITY R-26, ASVS 7.2.4).

    `challenge` is that of the passkey options or of the mailed code. Raises `InvalidCredentials`, `InvalidCode`,
    `InvalidCredential`, `ChallengeInvalid`, `DeviceRevoked`, `TooManyAttempts`, and `InvalidInput` for a method that is not
    enough here.
    """
    device = live_device(grant)
    user = device.user
    if shown.method not in methods(user, device):
        raise InvalidInput("method", "not_enough", _("Confirm in another way: this one is not enough for this account."))
    try:
        proof = _prove(user, shown, challenge, device.id, source)
    except Problem as problem:
        record(Event.STEP_UP_FAILED, subject=user.id, device=device.id, source=source, succeeded=False, reason=problem.code)
        raise
    return _raise(device, worth.combined(device.amr, device.acr, proof), source)


def confirm_by_issuer(grant: Grant, proof: Proof, *, source: Source) -> tuple[Admission, Device] | None:
    """The device, proved anew at an upstream issuer. None where that is a sign-in: somebody else's, or on a device that has
    ended, or no fresher or weaker than what it has, or with a second factor still to show. Raises like `confirm`."""
    try:
        device = live_device(grant)
    except DeviceRevoked:
        return None
    together = worth.combined(device.amr, device.acr, proof)
    is_better = proof.auth_time > device.auth_time and at_least(together.acr, device.acr)
    wanted = Acr.AAL2 if factors.has_authenticator(device.user_id) else demanded(device.user)
    is_enough = at_least(together.acr, wanted)
    is_theirs = proof.user_id == device.user_id
    return _raise(device, together, source) if is_theirs and is_better and is_enough else None


def enrolled(grant: Grant, *, source: Source) -> tuple[Admission, Device] | None:
    """The device, raised by the code that has just shown that a new app works: it is used up, so nobody can be asked for it.

    Access tokens of before stay as good as they were. None on a device that has ended meanwhile.
    """
    try:
        device = live_device(grant)
        proof = Proof(device.user_id, device.user.epoch, ("otp",), Acr.AAL1, now())
        return _raise(device, worth.combined(device.amr, device.acr, proof), source, voids_older=False)
    except DeviceRevoked:
        return None


def live_device(grant: Grant) -> Device:
    """Raises `DeviceRevoked`."""
    device = Device.objects.select_related("user").filter(id=grant.device_id, user_id=grant.user_id).first()
    if device is None or not device.is_live:
        raise DeviceRevoked("step up")
    return device


def _prove(user: User, shown: Shown, challenge: str, device_id: uuid.UUID, source: Source) -> Proof:
    match shown.method:
        case "password":
            with guarded(user.email or str(user.id), source, known_device=device_id) as attempt:
                if not hashing.verify(user, shown.code):
                    raise InvalidCredentials("wrong")
                attempt.succeeded()
            return Proof(user.id, user.epoch, ("pwd",), Acr.AAL1, now())
        case "email":
            return mailed_code.prove_again(user, challenge, shown.code, device_id=device_id, source=source)
        case "passkey":
            return _by_passkey(user, shown, challenge, source)
        case _:
            return second_factor.prove(user, shown, passkey_challenge="", source=source)


def _by_passkey(user: User, shown: Shown, challenge: str, source: Source) -> Proof:
    """With the options that a sign-in would ask for."""
    proof = passkeys.prove(challenge, shown.credential or {}, source=source)
    if proof.user_id != user.id:
        raise InvalidCredential("somebody else's passkey")
    return proof


def _raise(device: Device, proof: Proof, source: Source, *, voids_older: bool = True) -> tuple[Admission, Device]:
    with transaction.atomic():
        user = User.objects.select_for_update().filter(id=proof.user_id, epoch=proof.epoch).first()
        changed: dict[str, Any] = {"auth_time": proof.auth_time, "acr": proof.acr, "amr": list(proof.amr)}
        if user is None or not Device.objects.filter(id=device.id, revoked_at=None).update(**changed):
            raise DeviceRevoked("ended during the step up")
        admission = gate.admit_again(user, acr=proof.acr)
        if voids_older:
            publish.device_stale(device.id, proof.auth_time)
        record(
            Event.STEP_UP_SUCCEEDED,
            subject=user.id,
            actor=user.id,
            device=device.id,
            source=source,
            amr=changed["amr"],
            acr=proof.acr,
        )
    for name, value in changed.items():
        setattr(device, name, value)
    return admission, device
