"""Knocks at every door that takes an address, with known and unknown ones in random order. Prints seconds as JSON.

Each address knocks once and from a network of its own, so that no limit is met; in process, at the real cost of a hash. Where a
code is typed it is a wrong one; asking for it, and making a passkey, is not timed.
"""

import gc
import json
import logging
import random
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.keys import rotation
from accounts.passkeys.models import Passkey
from accounts.users.models import User
from tests.support.authenticator import Authenticator

SAMPLES = 200
WARM_UP = 10
PASSWORD = "correct horse battery staple"
WRONG_CODE = "0000000"
CLIENT = Client()
Body = dict[str, Any]


def post(path: str, body: Body, origin: str) -> HttpResponse:
    answer = CLIENT.post(path, body, content_type="application/json", REMOTE_ADDR=origin)
    if answer.status_code not in {200, 202, 401}:
        raise SystemExit(f"{path} answered {answer.status_code}: {answer.content!r}")
    return answer


def nothing_more(email: str, origin: str) -> Body:
    return {"email": email}


def a_passkey(email: str, origin: str) -> Body:
    asked = post("/auth/passkeys/register/options/", {"email": email}, origin).json()
    return {"challenge": asked["challenge"], "credential": Authenticator().create(asked["publicKey"])}


def a_code_to_sign_in(email: str, origin: str) -> Body:
    return {"challenge": post("/auth/code/", {"email": email}, origin).json()["challenge"]}


def a_registration(email: str, origin: str) -> Body:
    post("/auth/register/", {"email": email, "password": PASSWORD}, origin)
    return {"email": email}


@dataclass(frozen=True, slots=True)
class Door:
    """`prepare` does, untimed, what comes before the knock, and answers what the knock says beside `more`."""

    path: str
    more: Body = field(default_factory=dict)
    prepare: Callable[[str, str], Body] = nothing_more


DOORS = {
    "token": Door("/auth/token/", {"password": "a wrong password"}),
    "register": Door("/auth/register/", {"password": PASSWORD}),
    "passkey-sign-up": Door("/auth/passkeys/register/", prepare=a_passkey),
    "verify": Door("/auth/email/verify/", {"code": WRONG_CODE}, prepare=a_registration),
    "resend": Door("/auth/email/resend/"),
    "code": Door("/auth/code/"),
    "code-verify": Door("/auth/code/verify/", {"code": WRONG_CODE}, prepare=a_code_to_sign_in),
    "reset": Door("/auth/password/reset/"),
    "passkey-options": Door("/auth/passkeys/authenticate/options/"),
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


def knock(door: Door, email: str, origin: str) -> float:
    body = {**door.prepare(email, origin), **door.more}
    began = perf_counter()
    post(door.path, body, origin)
    return perf_counter() - began


def measure(door: str, origin: Iterator[str]) -> dict[str, list[float]]:
    numbers = range(WARM_UP + SAMPLES)
    emails = {"known": [f"some{n:06}@example.com" for n in numbers], "unknown": [f"none{n:06}@example.com" for n in numbers]}
    emails = {who: [f"{door}.{email}" for email in found] for who, found in emails.items()}
    populate(door, emails["known"])
    for found in emails.values():
        for email in found[:WARM_UP]:
            knock(DOORS[door], email, next(origin))
    turns = [(who, email) for who, found in emails.items() for email in found[WARM_UP:]]
    random.shuffle(turns)
    taken: dict[str, list[float]] = {who: [] for who in emails}
    gc.collect()
    gc.disable()
    for who, email in turns:
        taken[who].append(knock(DOORS[door], email, next(origin)))
    gc.enable()
    return taken


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    rotation.ensure("ES256")
    everywhere = networks()
    print(json.dumps({door: measure(door, everywhere) for door in sys.argv[1:] or DOORS}))
