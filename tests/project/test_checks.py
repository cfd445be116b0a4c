"""Production does not start on a bad configuration, and says what to set."""

import base64
import os
import subprocess
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from project import floors

ROOT = Path(__file__).resolve().parents[2]
SOUND: dict[str, Any] = {
    "DEBUG": False,
    "SECRET_KEY": "Zk3vN8qLw1xTb6RyHc9uEj2MgPd5sAf7KoVi0WtXz4BnQmYhUr-Ce",
    "ENCRYPTION_KEYS": [base64.urlsafe_b64encode(os.urandom(32)).decode()],
    "PUBLIC_URL": "https://id.example.com",
    "SECURE_COOKIES": True,
    "ALLOWED_HOSTS": ["id.example.com"],
    "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
    "TRUSTED_PROXIES": [ip_network("127.0.0.1/32")],
    "ARGON2_MEMORY_COST": 19456,
    "ARGON2_TIME_COST": 2,
    "METRICS_TOKEN": "",
}
BROKEN: list[tuple[str, dict[str, Any]]] = [
    ("signet.E001", {"SECRET_KEY": "short"}),
    ("signet.E002", {"ENCRYPTION_KEYS": SOUND["ENCRYPTION_KEYS"] * 2}),
    ("signet.E003", {"PUBLIC_URL": "http://id.example.com"}),
    ("signet.E004", {"ALLOWED_HOSTS": ["*"]}),
    ("signet.E004", {"ALLOWED_HOSTS": ["other.example.com"]}),
    ("signet.E005", {"DEBUG": True}),
    ("signet.W006", {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}),
    ("signet.W007", {"TRUSTED_PROXIES": []}),
    ("signet.E008", {"TRUSTED_PROXIES": [ip_network("0.0.0.0/0")]}),
    ("signet.W012", {"ENCRYPTION_KEYS": [base64.urlsafe_b64encode(b"a" * 32).decode()]}),
    ("signet.W013", {"METRICS_TOKEN": "short"}),
    ("signet.W014", {"ARGON2_MEMORY_COST": 64}),
]


def found() -> set[str | None]:
    return {message.id for message in run_checks(tags=["signet"])}


def use(settings: Settings, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(settings, name, value)


def test_sound_configuration_has_nothing_to_say(settings: Settings) -> None:
    use(settings, SOUND)
    assert found() == set()


@pytest.mark.parametrize(("identity", "change"), BROKEN, ids=[f"{identity}-{next(iter(change))}" for identity, change in BROKEN])
def test_broken_setting_is_named(settings: Settings, identity: str, change: dict[str, Any]) -> None:
    use(settings, {**SOUND, **change})
    assert identity in found()


def started(**env: str) -> "subprocess.CompletedProcess[str]":
    keys = {"SECRET_KEY": SOUND["SECRET_KEY"], "ENCRYPTION_KEYS": SOUND["ENCRYPTION_KEYS"][0], "SIGNET_ENV_FILE": "tests/no.env"}
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}}
    command = [sys.executable, "-W", "ignore", "-c", "import project.wsgi; print('started')"]
    return subprocess.run(command, cwd=ROOT, env={**kept, **keys, **env}, capture_output=True, text=True, check=False)


def test_production_starts_on_a_sound_configuration(tmp_path: Path) -> None:
    answer = started(PUBLIC_URL="https://id.example.com", DATABASE_URL=f"sqlite:///{tmp_path / 'db'}", ARGON2_TIME_COST="2")
    assert answer.stdout.strip() == "started", answer.stderr


def test_K03_production_refuses_to_start_and_says_what_to_set(tmp_path: Path) -> None:
    answer = started(PUBLIC_URL="http://id.example.com", DATABASE_URL=f"sqlite:///{tmp_path / 'db'}")
    assert answer.returncode == 1
    assert "signet.E003" in answer.stderr
    assert "PUBLIC_URL=https://" in answer.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("ENCRYPTION_KEYS", "short"), ("ACCESS_TOKEN_LIFETIME", "soon"), ("DEBUG", "perhaps")]
)
def test_malformed_setting_stops_the_start_with_its_name(name: str, value: str) -> None:
    assert f"{name} is malformed" in started(**{name: value}).stderr


def test_K03_missing_encryption_key_stops_the_start() -> None:
    assert "ENCRYPTION_KEYS is not set" in started(ENCRYPTION_KEYS="").stderr or "malformed" in started(ENCRYPTION_KEYS="").stderr


def test_unknown_line_in_the_environment_file_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("PUBLIC_ULR=https://id.example.com\n")
    assert "PUBLIC_ULR" in started(SIGNET_ENV_FILE=str(file)).stderr


def test_Y09_installed_packages_are_at_or_above_their_floors() -> None:
    assert list(floors.problems()) == []
