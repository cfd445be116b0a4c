"""Knocks at every door that takes an address, with known and unknown ones in random order. Prints seconds as JSON.

Each address knocks once and from a network of its own, so that no limit is met; in process, at the real cost of a hash.
"""

import gc
import json
import logging
import random
import sys
import uuid
from collections.abc import Iterator
from time import perf_counter
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.keys import rotation
from accounts.passkeys.models import Passkey
from accounts.users.models import User

SAMPLES = 200
WARM_UP = 10
PASSWORD = "correct horse battery staple"
DOORS: dict[str, tuple[str, dict[str, Any]]] = {
    "token": ("/auth/token/", {"password": "a wrong password"}),
    "register": ("/auth/register/", {"password": PASSWORD}),
    "resend": ("/auth/email/resend/", {}),
    "code": ("/auth/code/", {}),
    "reset": ("/auth/password/reset/", {}),
    "passkey-options": ("/auth/passkeys/authenticate/options/", {}),
}


def populate(door: str, emails: list[str]) -> None:
    """People with a password and a passkey; at `resend` those who wait for a code are the ones to be told apart."""
    verified_at = None if door == "resend" else timezone.now()
    encoded = make_password(PASSWORD)
    people = User.objects.bulk_create(User(email=email, password=encoded, email_verified_at=verified_at) for email in emails)
    fields = {"aaguid": uuid.UUID(int=0), "public_key": b"x" * 77, "backup_eligible": True, "backed_up": True}
    Passkey.objects.bulk_create(
        Passkey(user=one, credential_id=one.id.hex, transports=["internal", "hybrid"], **fields) for one in people
    )


def networks() -> Iterator[str]:
    for number in range(256 * 256):
        yield f"10.{number >> 8}.{number & 255}.1"


def knock(door: str, email: str, address: str) -> float:
    path, body = DOORS[door]
    client = Client(REMOTE_ADDR=address)
    began = perf_counter()
    answer = client.post(path, {"email": email, **body}, content_type="application/json")
    took = perf_counter() - began
    if answer.status_code not in {200, 202, 401}:
        raise SystemExit(f"{path} answered {answer.status_code}: {answer.content!r}")
    return took


def measure(door: str, origin: Iterator[str]) -> dict[str, list[float]]:
    numbers = range(WARM_UP + SAMPLES)
    emails = {"known": [f"some{n:06}@example.com" for n in numbers], "unknown": [f"none{n:06}@example.com" for n in numbers]}
    emails = {who: [f"{door}.{email}" for email in found] for who, found in emails.items()}
    populate(door, emails["known"])
    for found in emails.values():
        for email in found[:WARM_UP]:
            knock(door, email, next(origin))
    turns = [(who, email) for who, found in emails.items() for email in found[WARM_UP:]]
    random.shuffle(turns)
    taken: dict[str, list[float]] = {who: [] for who in emails}
    gc.collect()
    gc.disable()
    for who, email in turns:
        taken[who].append(knock(door, email, next(origin)))
    gc.enable()
    return taken


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    rotation.ensure("ES256")
    everywhere = networks()
    print(json.dumps({door: measure(door, everywhere) for door in sys.argv[1:] or DOORS}))
