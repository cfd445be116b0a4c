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
from benchmarks import signet_provider_seed as provider
from benchmarks.sizes import CALLERS, CODES, DEVICES, FRESH_TOKENS, HOLDERS, USERS

_SOURCE = Source(address="127.0.0.1", user_agent="benchmark", request_id="benchmark")


def seed() -> dict[str, object]:
    """The same number of users as the rivals have; the first callers and the last devices are signed in."""
    client = provider.register()
    with transaction.atomic():
        users = User.objects.bulk_create(
            User(email=f"person{n}@example.org", password="!", email_verified_at=timezone.now()) for n in range(USERS)
        )
        callers = [_signed_in(user) for user in users[:CALLERS]]
        refreshing = [_signed_in(user) for user in users[-DEVICES:]]
        browsers = [_signed_in(user, "cookie")[1] for user in users[:CODES]]
        codes = [provider.code(client, browser, _SOURCE) for browser in browsers]
        provider.let_codes_wait()
        bearers = [provider.bearer(client, browser, _SOURCE) for browser in browsers[:HOLDERS]]
    if access._cache._size >= FRESH_TOKENS:
        raise SystemExit("FRESH_TOKENS must exceed the number of verified tokens that a process remembers")
    return {
        "callers": [_bearer(*caller) for caller in callers],
        "fresh": [_bearer(*callers[n % CALLERS]) for n in range(FRESH_TOKENS)],
        "refresh": [refresh.current_token(device) for _, device in refreshing],
        "client_id": client.id,
        "bearers": bearers,
        "codes": codes,
    }


def _signed_in(user: User, transport: str = "bearer") -> tuple[Admission, Device]:
    proof = Proof(user.id, user.epoch, ("pwd",), "aal1", now())
    return gate.admit(user), registry.remember(proof, scopes.EVERYTHING, transport, Description(), _SOURCE)


def _bearer(admission: Admission, device: Device) -> str:
    return f"Bearer {access.issue(admission, device, scope=device.scope)}"


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    rotation.ensure(settings.ACCESS_TOKEN_ALGORITHM)
    json.dump(seed(), sys.stdout)
