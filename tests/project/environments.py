"""Environments of production, sound and broken."""

import base64
import os
import secrets
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def random_key() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def production(folder: Path, **changes: str) -> dict[str, str]:
    """What `manage.py check --deploy` has nothing to say about; a changed value of "" is left out."""
    sound = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "SIGNET_ENV_FILE": "tests/no.env",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ENCRYPTION_KEYS": random_key(),
        "PUBLIC_URL": "https://id.example.com",
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "EMAIL_URL": "smtp+tls://mailer:secret@mail.example.com:587",
        "DATABASE_URL": f"sqlite:///{folder / 'signet.sqlite3'}",
    }
    return {name: value for name, value in {**sound, **changes}.items() if value}


def run(env: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=120)
