"""Fill Signet's database with users and devices, as a sign-in would leave them. Prints their tokens as JSON."""

import json
import sys

from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from accounts.core.clock import now
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.keys import rotation
from accounts.tokens import access, gate, refresh, scopes
from accounts.tokens.gate import Admission
from accounts.users.models import User
from benchmarks.sizes import CALLERS, DEVICES, FRESH_TOKENS, USERS

_SOURCE = Source(address="127.0.0.1", user_agent="benchmark", request_id="benchmark")


def seed() -> dict[str, list[str]]:
    """The same number of users as the rivals have; the first callers and the last devices are signed in."""
    with transaction.atomic():
        users = User.objects.bulk_create(
            User(email=f"person{n}@example.org", password="!", email_verified_at=timezone.now()) for n in range(USERS)
        )
        callers = [_signed_in(user) for user in users[:CALLERS]]
        refreshing = [_signed_in(user) for user in users[-DEVICES:]]
    if access._cache._size >= FRESH_TOKENS:
        raise SystemExit("FRESH_TOKENS must exceed the number of verified tokens that a process remembers")
    return {
        "callers": [_bearer(*caller) for caller in callers],
        "fresh": [_bearer(*callers[n % CALLERS]) for n in range(FRESH_TOKENS)],
        "refresh": [refresh.current_token(device) for _, device in refreshing],
    }


def _signed_in(user: User) -> tuple[Admission, Device]:
    proof = Proof(user.id, user.epoch, ("pwd",), "aal1", now())
    return gate.admit(user), registry.remember(proof, scopes.EVERYTHING, "bearer", Description(), _SOURCE)


def _bearer(admission: Admission, device: Device) -> str:
    return f"Bearer {access.issue(admission, device, scope=device.scope)}"


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    rotation.ensure(settings.ACCESS_TOKEN_ALGORITHM)
    json.dump(seed(), sys.stdout)
