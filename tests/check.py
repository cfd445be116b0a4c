"""`make check`: everything that must hold and is not a test. Runs all steps, then says which failed."""

import base64
import os
import subprocess
import sys
import time
from pathlib import Path

BIN = Path(sys.executable).parent
DEVELOPMENT = {"SIGNET_ENV_FILE": "tests/no.env", "SECRET_KEY": "check-" + "x" * 50, "DEBUG": "true"}
PRODUCTION = {
    "SIGNET_ENV_FILE": "tests/no.env",
    "SECRET_KEY": base64.urlsafe_b64encode(os.urandom(48)).decode(),
    "DEBUG": "false",
    "PUBLIC_URL": "https://id.example.com",
    "ALLOWED_HOSTS": "id.example.com",
    "EMAIL_URL": "smtp+tls://mailer:secret@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Example <no-reply@example.com>",
    "TRUSTED_PROXIES": "127.0.0.1/32",
}
KEYS = {"ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode()}

STEPS: list[tuple[str, list[str], dict[str, str]]] = [
    ("lint", ["ruff", "check", "."], {}),
    ("format", ["ruff", "format", "--check", "."], {}),
    ("types", ["mypy"], DEVELOPMENT),
    ("imports", ["lint-imports", "--no-cache"], DEVELOPMENT),
    ("templates", ["djlint", "templates", "--lint", "--quiet"], {}),
    ("migrations", ["python", "manage.py", "makemigrations", "--check", "--dry-run"], DEVELOPMENT),
    ("OpenAPI", ["python", "manage.py", "spectacular", "--validate", "--fail-on-warn", "--file", os.devnull], DEVELOPMENT),
    ("style sheets", ["python", "manage.py", "collectstatic", "--noinput", "--verbosity", "0"], PRODUCTION),
    ("deployment", ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
    (
        "documents, sizes, mutants",
        ["python", "-m", "pytest", "-q", "--no-header", "-p", "no:randomly", "tests/architecture", "tests/mutants"],
        {},
    ),
]


def main() -> int:
    failed = [name for name, command, env in STEPS if not _holds(name, command, env)]
    print(f"\n{len(STEPS) - len(failed)} of {len(STEPS)} hold" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed else 0


def _holds(name: str, command: list[str], env: dict[str, str]) -> bool:
    started = time.monotonic()
    program = [str(BIN / command[0]), *command[1:]]
    result = subprocess.run(program, env={**os.environ, **KEYS, **env}, capture_output=True, text=True, check=False)
    verdict = "ok" if result.returncode == 0 else "FAILED"
    print(f"{verdict:7} {name:20} {time.monotonic() - started:5.1f} s", flush=True)
    if result.returncode:
        print(result.stdout + result.stderr, flush=True)
    return result.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
