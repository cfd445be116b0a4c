"""Hashes and entries of other systems, and the command that brings them in."""

import csv
import io
import json
from pathlib import Path
from typing import Any

from django.core.management import call_command

from accounts.passwords.legacy import keycloak

SAMPLES = Path(__file__).resolve().parents[1] / "lifecycle" / "imports" / "samples"

# The hash of "U*U" that implementations of bcrypt are tested with.
BCRYPT = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

# The example that Firebase publishes with its scrypt.
FIREBASE_CONFIG = {
    "algorithm": "SCRYPT",
    "base64_signer_key": "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==",
    "base64_salt_separator": "Bw==",
    "rounds": 8,
    "mem_cost": 14,
}
FIREBASE_SALT = "42xEC+ixf3L2lw=="
FIREBASE_HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
SHORT_CONFIG = {**FIREBASE_CONFIG, "base64_signer_key": "c2hvcnQ="}


def keycloak_credential(algorithm: str, rounds: int, salt: str, value: str, more: dict[str, Any] | None = None) -> str:
    """In our stored form."""
    secret = json.dumps({"value": value, "salt": salt, "additionalParameters": {}})
    return keycloak.encoded(
        secret, json.dumps({"hashIterations": rounds, "algorithm": algorithm, "additionalParameters": more or {}})
    )


def import_users(source: str, path: Path, *options: str) -> str:
    """What the command says on stdout and stderr."""
    said = io.StringIO()
    call_command("import_users", "--from", source, str(path), *options, stdout=said, stderr=said)
    return said.getvalue()


def table(path: Path, *rows: dict[str, str]) -> Path:
    """A CSV file with the columns that these rows have."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path
