"""How long 100,000 people take to come in, and how much memory: `python -m benchmarks.imports [PEOPLE]`.

A made-up export of each of two formats goes through the real command into a fresh SQLite database.
"""

import base64
import csv
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from .children import run_module
from .environment import ROOT

GOOGLE = "https://accounts.google.com"
BCRYPT = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
HASH_CONFIG = {
    "base64_signer_key": base64.b64encode(bytes(64)).decode(),
    "base64_salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}


def as_csv(path: Path, people: int) -> None:
    """bcrypt, a role for everybody, an identity at Google for every third; every fifth address is not verified."""
    columns = ["id", "email", "name", "email_verified", "password_hash", "roles", "issuer", "subject", "created_at"]
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for number in range(people):
            stored = f"$2b$10${''.join(random.choices(BCRYPT, k=21))}.{''.join(random.choices(BCRYPT, k=31))}"
            identity = [GOOGLE, str(10**20 + number)] if number % 3 == 0 else ["", ""]
            writer.writerow([number, *_person(number), stored, f"role{number % 7}", *identity, "2023-04-05T06:07:08Z"])


def as_firebase(path: Path, people: int) -> None:
    """Firebase's scrypt, and the rest as in the CSV file."""
    with path.open("w") as file:
        file.write('{"users": [\n')
        for number in range(people):
            email, name, verified = _person(number)
            google = [{"providerId": "google.com", "rawId": str(10**20 + number)}] if number % 3 == 0 else []
            user = {"localId": f"{number:028}", "email": email, "emailVerified": verified == "true", "displayName": name}
            user |= {"passwordHash": _random(64), "salt": _random(10), "createdAt": "1680674828000", "providerUserInfo": google}
            user |= {"customAttributes": json.dumps({"role": f"role{number % 7}"})}
            file.write(("," if number else "") + json.dumps(user) + "\n")
        file.write("]}\n")


EXPORTS: dict[str, Callable[[Path, int], None]] = {"csv": as_csv, "firebase": as_firebase}


@dataclass(frozen=True)
class Taken:
    """By the whole command, Python's start included: seconds by the clock and of the processor, and the most KiB that it held."""

    seconds: float
    busy: float
    kib: int


def measured(source: str, people: int, folder: Path) -> Taken:
    environ, export = _environ(folder / f"{source}.sqlite3"), folder / source
    EXPORTS[source](export, people)
    run_module(environ, "manage", "migrate", "--verbosity=0")
    command = [sys.executable, "manage.py", "import_users", "--from", source, str(export), "--create-roles"]
    begun = perf_counter()
    with (folder / f"{source}.log").open("w+b") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        taken = Taken(perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
        log.seek(0)
        said = log.read().decode()
    if status or f"{people:,} imported, 0 here already, 0 refused." not in said:
        raise SystemExit(f"{source}: not everybody came in:\n{said}")
    return taken


def _person(number: int) -> tuple[str, str, str]:
    return f"person{number}@example.com", f"Person Number {number}", "false" if number % 5 == 0 else "true"


def _random(size: int) -> str:
    return base64.b64encode(random.randbytes(size)).decode()


def _environ(database: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "project.settings",
        # A developer's own .env must not change the figures.
        "SIGNET_ENV_FILE": str(database.with_suffix(".env")),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "PUBLIC_URL": "https://id.example.com",
        "ALLOWED_HOSTS": "id.example.com",
        "EMAIL_URL": "smtp+tls://mailer:secret@mail.example.com:587",
        "DATABASE_URL": f"sqlite:///{database}",
        "FIREBASE_HASH_CONFIG": json.dumps(HASH_CONFIG),
    }


def main(people: int) -> int:
    print(f"{'source':10}{'people':>10}{'people/s':>10}{'s per 100,000':>15}{'of processor':>14}{'peak MiB':>10}")
    with tempfile.TemporaryDirectory(prefix="signet-imports-") as folder:
        for source in EXPORTS:
            taken, share = measured(source, people, Path(folder)), 100_000 / people
            times = f"{people / taken.seconds:>10,.0f}{taken.seconds * share:>15.1f}{taken.busy * share:>14.1f}"
            print(f"{source:10}{people:>10,}{times}{taken.kib / 1024:>10.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
