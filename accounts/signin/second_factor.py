"""The second step of a sign-in: an authenticator code, a recovery code, or a passkey."""

import uuid
from dataclasses import dataclass
from typing import Any

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.clock import now
from accounts.core.errors import ChallengeInvalid, InvalidCode, InvalidCredential, InvalidInput, Problem
from accounts.core.proofs import Acr, Proof
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.mfa import attempts, recovery_codes, totp
from accounts.passkeys import authentication as passkeys
from accounts.tokens.dpop import DpopProof
from accounts.tokens.gate import Admission
from accounts.users.models import User

from . import challenge, steps, worth
from .complete import complete


@dataclass(frozen=True, slots=True)
class Shown:
    """What came with the request; `method` is one of `totp`, `recovery_code`, `passkey`."""

    method: str
    code: str = ""
    credential: dict[str, Any] | None = None


def answer(
    token: str, shown: Shown, *, transport: str, source: Source, dpop: DpopProof | None = None
) -> tuple[Admission, Device]:
    """Raises `ChallengeInvalid`, `InvalidCode`, `TooManyAttempts`, and what `complete` raises."""
    step = challenge.open_answer(token, source, transport=transport)
    entry = step.entry_by(dpop)
    user = _unchanged(step.proof)
    try:
        second = prove(user, shown, passkey_challenge=step.passkey_challenge, source=source)
    except Problem as problem:
        record(Event.SIGN_IN_FAILED, subject=user.id, source=source, succeeded=False, reason=problem.code, method=shown.method)
        raise
    return complete(worth.second_step(step.proof, second), entry, spend=step.spend)


def begin_enrolment(token: str, *, transport: str, source: Source) -> totp.Enrolment:
    """For an account that must have a second factor: the secret of an authenticator app. Raises `ChallengeInvalid`."""
    step = challenge.open_enrolment(token, source, transport=transport)
    user = _without_factor(step.proof)
    return totp.begin(user.id, account_name=str(user))


def finish_enrolment(
    token: str, code: str, *, transport: str, source: Source, dpop: DpopProof | None = None
) -> tuple[Admission, Device, list[str]]:
    """Confirm the app by its first code, and sign in; with the recovery codes. Raises `ChallengeInvalid`, `InvalidCode`."""
    step = challenge.open_enrolment(token, source, transport=transport)
    entry = step.entry_by(dpop)
    user = _without_factor(step.proof)
    codes = totp.confirm(user.id, code, source=source)
    second = Proof(user.id, user.epoch, ("otp",), Acr.AAL1, now())
    admission, device = complete(worth.second_step(step.proof, second), entry, spend=step.spend)
    return admission, device, codes


def prove(user: User, shown: Shown, *, passkey_challenge: str, source: Source) -> Proof:
    """What the factor is worth alone. Raises `InvalidCode`, `InvalidInput` for an unknown method, `TooManyAttempts`."""
    match shown.method:
        case steps.PASSKEY:
            return _by_passkey(user, passkey_challenge, shown.credential or {}, source)
        case steps.TOTP | steps.RECOVERY_CODE:
            _by_code(user.id, shown, source)
            return Proof(user.id, user.epoch, ("otp",), Acr.AAL1, now())
        case _:
            raise InvalidInput("method", "invalid_choice", "Use totp, recovery_code or passkey.")


def _by_passkey(user: User, passkey_challenge: str, credential: dict[str, Any], source: Source) -> Proof:
    try:
        confirmed = passkeys.confirm(user.id, passkey_challenge, credential, source=source)
    except (InvalidCredential, ChallengeInvalid) as error:
        raise InvalidCode(error.reason) from None
    return Proof(user.id, user.epoch, confirmed.amr, confirmed.acr, now())


def _by_code(user_id: uuid.UUID, shown: Shown, source: Source) -> None:
    with attempts.guarded(user_id) as attempt:
        if shown.method == steps.TOTP:
            accepted = totp.accept(user_id, shown.code)
        else:
            accepted = recovery_codes.accept(user_id, shown.code, source=source)
        if not accepted:
            raise InvalidCode("wrong")
        attempt.succeeded()


def _without_factor(proof: Proof) -> User:
    """A first factor alone must not add a second one beside one that came meanwhile (SECURITY P-10)."""
    user = _unchanged(proof)
    if steps.second_factors(user.id):
        raise ChallengeInvalid("there is a second factor by now")
    return user


def _unchanged(proof: Proof) -> User:
    user = User.objects.filter(id=proof.user_id, epoch=proof.epoch).first()
    if user is None:
        raise ChallengeInvalid("the account has changed")
    return user
