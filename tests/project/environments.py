"""Environments of production, sound and broken."""

import base64
import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
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
    return run_at_once(env, command)[0]


def run_at_once(env: dict[str, str], *commands: Sequence[str]) -> "list[subprocess.CompletedProcess[str]]":
    """Each in a process of its own, until all have ended."""
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    started = [
        subprocess.Popen([sys.executable, *command], cwd=ROOT, env=env, start_new_session=True, **output) for command in commands
    ]
    try:
        ended = [child.communicate(timeout=60) for child in started]
    finally:
        # What should have ended and has not is a server, with workers of its own.
        for child in started:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    return [
        subprocess.CompletedProcess(child.args, child.returncode, *printed) for child, printed in zip(started, ended, strict=True)
    ]
