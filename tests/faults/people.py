"""The people of a run, as a fixture for `manage.py loaddata`: signing up two hundred is not what is tested here."""

import json
from pathlib import Path
from uuid import UUID

from argon2 import PasswordHasher

from tests.support.server import Server

_ACCUSES = "Subject: We signed out one of your devices"
_LONG_AGO = "2026-01-01T00:00:00Z"


def make(server: Server, count: int, password: str) -> None:
    """p000@example.com and on, all with one password, cheaply hashed."""
    encoded = "argon2" + PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(password)
    fixture = server.folder / "people.json"
    fixture.write_text(json.dumps([_person(number, encoded) for number in range(count)]))
    server.manage("loaddata", "--verbosity=0", str(fixture))


def mailed(folder: Path) -> list[str]:
    """Whom a mail about theft was sent to, once for each; those about new devices accuse nobody."""
    texts = [message for file in sorted(folder.glob("*.log")) for message in file.read_text().split("-" * 79) if message.strip()]
    headers = [text.strip().partition("\n\n")[0].splitlines() for text in texts]
    accusing = [lines for lines in headers if any(line.startswith(_ACCUSES) for line in lines)]
    return [line.removeprefix("To: ").strip() for lines in accusing for line in lines if line.startswith("To: ")]


def _person(number: int, encoded: str) -> dict[str, object]:
    fields = {
        "email": f"p{number:03}@example.com",
        "name": f"Person {number}",
        "password": encoded,
        "email_verified_at": _LONG_AGO,
    }
    return {"model": "accounts.user", "pk": str(UUID(int=(7 << 76) | (2 << 62) | number)), "fields": fields}
