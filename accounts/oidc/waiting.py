"""Authorization requests that wait while somebody signs in, signs up or thinks about it: a row, since nothing else remembers.

The pages of sign-in carry its address in `next`. It opens nothing: whoever has it is asked as everybody is.
"""

from accounts.core.clock import now
from accounts.core.errors import TooManyAttempts
from accounts.core.requests import Source
from accounts.core.sweep import delete as sweep_rows
from accounts.devices.models import Device

from . import authorization, crowds
from .errors import TemporarilyUnavailable
from .models import AuthorizationRequest, Client
from .parameters import Parameters
from .steps import Beginning

LIFETIME = 3600
"""Seconds: long enough to sign up and find the mail."""


def keep(client: Client, parameters: Parameters, begun: Beginning, *, source: Source) -> AuthorizationRequest:
    """Raises `TemporarilyUnavailable` where too many of one network wait."""
    try:
        crowds.take(crowds.REQUESTS, source)
    except TooManyAttempts as problem:
        raise TemporarilyUnavailable("network") from problem
    return AuthorizationRequest.objects.create(
        client=client,
        parameters=authorization.known(parameters),
        asked_at=begun.asked_at,
        begun_in=begun.device_id,
        expires_at=now() + LIFETIME,
    )


def beginning_of(waiting: AuthorizationRequest) -> Beginning:
    return Beginning(waiting.asked_at, waiting.begun_in)


def find(handle: str) -> AuthorizationRequest | None:
    """One that still waits."""
    waiting = AuthorizationRequest.objects.filter(id=handle, is_pushed=False, used_at=None, expires_at__gt=now())
    return waiting.first()


def show_in(waiting: AuthorizationRequest, device: Device) -> None:
    """The question is put to this browser: only its answer counts (SECURITY O-15)."""
    AuthorizationRequest.objects.filter(id=waiting.id).update(device=device)


def was_shown_in(waiting: AuthorizationRequest, device: Device) -> bool:
    return waiting.device_id == device.id


def finish(waiting: AuthorizationRequest) -> bool:
    """True for the one answer that it gets, by a compare-and-swap."""
    return AuthorizationRequest.objects.filter(id=waiting.id, used_at=None).update(used_at=now()) == 1


def sweep() -> int:
    """Those that have run out; answers how many went."""
    return sweep_rows(AuthorizationRequest.objects.filter(expires_at__lt=now()))
