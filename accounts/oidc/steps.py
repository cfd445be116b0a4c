"""What an authorization request still waits for: somebody to sign in, to prove anew who they are, or to agree."""

import uuid
from dataclasses import dataclass
from enum import Enum

from accounts.core.clock import now
from accounts.core.errors import Problem
from accounts.core.proofs import at_least
from accounts.devices.models import Device
from accounts.signin import step_up
from accounts.tokens import gate

from . import consents, uris
from .authorization import Authorization
from .errors import ConsentRequired, LoginRequired, UnmetAuthenticationRequirements


@dataclass(frozen=True, slots=True)
class Beginning:
    """When a request was first asked, and in which browser: what is proved after that is new, so nobody is asked twice. An older
    proof in another browser is old there, too."""

    asked_at: int
    device_id: uuid.UUID | None

    @classmethod
    def now(cls, device: Device | None) -> "Beginning":
        """In Unix seconds; the proof that is there already is none, though it be of this very second."""
        return cls(max(now(), device.auth_time + 1), device.id) if device else cls(now(), None)

    def is_before(self, device: Device) -> bool:
        # In another browser that very second counts: it may be that of the sign-in which the request led to.
        return device.auth_time >= (self.asked_at if device.id == self.device_id else self.asked_at - 1)


class Step(Enum):
    """Each has a page."""

    SIGN_IN = "sign_in"
    CONFIRM = "confirm"
    CONSENT = "consent"


def missing(asked: Authorization, device: Device | None, begun: Beginning, *, agreed: bool = False) -> Step | None:
    """None when a code may be made. `device` is the browser as its row is now. Raises what a client is told that forbade the
    question, and `LoginRequired` when somebody else signed in than the client believes to be here."""
    step = _of_person(asked, device, begun) or (None if agreed else _of_consent(asked, device))
    if step is not None and "none" in asked.prompts:
        raise ConsentRequired(step.value) if step is Step.CONSENT else LoginRequired(step.value)
    return step


def _of_person(asked: Authorization, device: Device | None, begun: Beginning) -> Step | None:
    if device is None or not _may_have_tokens(device):
        return Step.SIGN_IN
    is_new = begun.is_before(device)
    if asked.expected_sub and asked.expected_sub != str(device.user_id):
        if is_new:
            raise LoginRequired("somebody else")
        return Step.SIGN_IN
    if _lacks_what_must_be_told(asked, device):
        return Step.CONFIRM
    return Step.CONFIRM if not is_new and _is_too_weak(asked, device) else None


def _may_have_tokens(device: Device) -> bool:
    """The row may outlive what its owner was allowed (SECURITY X-01); the exchange asks again."""
    try:
        gate.admit_again(device.user, acr=device.acr)
    except Problem:
        return False
    return True


def _lacks_what_must_be_told(asked: Authorization, device: Device) -> bool:
    """An essential `acr` is no wish (Core §5.5.1.1): confirmed until it is there, or refused where the account has nothing for
    it. Raises `UnmetAuthenticationRequirements`."""
    demanded = asked.claims.acr
    if demanded is None or any(at_least(device.acr, wanted) for wanted in demanded):
        return False
    if not any(at_least(step_up.reach(device), wanted) for wanted in demanded):
        raise UnmetAuthenticationRequirements("acr")
    return True


def _is_too_weak(asked: Authorization, device: Device) -> bool:
    """SECURITY O-16."""
    # max_age=0 is prompt=login (Core §3.1.2.1), in the very second of the sign-in too.
    if "login" in asked.prompts or asked.max_age == 0 or (asked.max_age and now() - device.auth_time > asked.max_age):
        return True
    return _is_wished_stronger(asked, device)


def _is_wished_stronger(asked: Authorization, device: Device) -> bool:
    """`acr_values` is a wish (Core §5.5.1.1): it shows nobody a page from which nothing stronger can come, and fails nowhere."""
    if not asked.acr_values or "none" in asked.prompts or any(at_least(device.acr, wanted) for wanted in asked.acr_values):
        return False
    return not at_least(device.acr, step_up.reach(device))


def _of_consent(asked: Authorization, device: Device | None) -> Step | None:
    """Any app could stand behind a private scheme or a loopback address, so there nobody is let through unasked (RFC 8252 §8.6,
    SECURITY O-14). The page that asks is also the one to choose another account."""
    is_for_anybody = uris.is_for_anybody(asked.addressee.redirect_uri, is_public=asked.client.is_public)
    if is_for_anybody or asked.prompts & {"consent", "select_account"}:
        return Step.CONSENT
    is_covered = device is not None and consents.covers(device.user_id, asked.client, asked.scopes, asked.claims.names)
    return None if is_covered else Step.CONSENT
