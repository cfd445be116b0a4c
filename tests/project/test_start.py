"""From the environment to the sentence: what production says before it starts, and that it then does not."""

import base64
import hashlib
import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest

from tests.project.environments import ROOT, production, random_key, run, run_at_once
from tests.support.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.usefixtures("collected")]

TWICE = base64.urlsafe_b64encode(hashlib.sha256(b"twice").digest()).decode()
HURRIED = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQR"
FROM_SECRET = base64.urlsafe_b64encode(hashlib.sha256(HURRIED.encode()).digest()).decode()

ERRORS: list[tuple[str, str, dict[str, str]]] = [
    ("signet.E001", "SECRET_KEY", {"SECRET_KEY": "too-short"}),
    ("signet.E001", "SECRET_KEY", {"SECRET_KEY": "django-insecure-" + HURRIED}),
    ("signet.E001", "SECRET_KEY", {"SECRET_KEY": "a" * 60}),
    ("signet.E002", "ENCRYPTION_KEYS", {"ENCRYPTION_KEYS": f"{TWICE},{TWICE}"}),
    ("signet.E002", "ENCRYPTION_KEYS", {"SECRET_KEY": HURRIED, "ENCRYPTION_KEYS": FROM_SECRET}),
    ("signet.E003", "PUBLIC_URL", {"PUBLIC_URL": "http://id.example.com"}),
    ("signet.E004", "ALLOWED_HOSTS", {"ALLOWED_HOSTS": "*"}),
    ("signet.E004", "ALLOWED_HOSTS", {"ALLOWED_HOSTS": ".example.com"}),
    ("signet.E004", "ALLOWED_HOSTS", {"ALLOWED_HOSTS": "other.example.com"}),
    ("signet.E005", "DEBUG", {"DEBUG": "true"}),
    ("signet.E006", "EMAIL_URL", {"EMAIL_URL": ""}),
    ("signet.E006", "EMAIL_URL", {"EMAIL_URL": "dummymail://"}),
    ("signet.E007", "EMAIL_URL", {"EMAIL_URL": "smtp://mail.example.com:25"}),
    ("signet.E007", "EMAIL_URL", {"EMAIL_URL": "smtp://mailer:secret@10.0.0.7:587", "PUBLIC_URL": "http://127.0.0.1"}),
    ("signet.E008", "TRUSTED_PROXIES", {"TRUSTED_PROXIES": "0.0.0.0/0"}),
    ("signet.E009", "ACCESS_TOKEN_LIFETIME", {"ACCESS_TOKEN_LIFETIME": "61m"}),
    ("signet.E009", "ACCESS_TOKEN_LIFETIME", {"ACCESS_TOKEN_LIFETIME": "5s"}),
    ("signet.E009", "REFRESH_IDLE_LIFETIME", {"REFRESH_IDLE_LIFETIME": "200d"}),
    ("signet.E009", "FEED_STALE_BUDGET", {"FEED_STALE_BUDGET": "1h"}),
    ("signet.E012", "BREACHED_PASSWORDS_FILE", {"BREACHED_PASSWORDS_FILE": "/nowhere/hashes.txt"}),
    ("signet.E013", "FIREBASE_HASH_CONFIG", {"FIREBASE_HASH_CONFIG": '{"rounds": 8}'}),
    ("signet.E013", "PASSWORD_DECOY", {"PASSWORD_DECOY": "md5$salt$hash"}),
]
WARNINGS: list[tuple[str, str, dict[str, str]]] = [
    ("signet.W006", "EMAIL_URL", {"EMAIL_URL": "", "PUBLIC_URL": "http://127.0.0.1"}),
    ("signet.W007", "TRUSTED_PROXIES", {"TRUSTED_PROXIES": ""}),
    ("signet.W012", "ENCRYPTION_KEYS", {"ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"k" * 32).decode()}),
    ("signet.W013", "METRICS_TOKEN", {"METRICS_TOKEN": "short"}),
    ("signet.W014", "ARGON2_MEMORY_COST", {"ARGON2_MEMORY_COST": "1024"}),
    ("signet.W015", "ACCESS_TOKEN_LIFETIME", {"ACCESS_TOKEN_LIFETIEM": "5m"}),
]
CHECK = ("manage.py", "check", "--deploy", "--fail-level", "WARNING")
SERVE, WORKER = ("manage.py", "serve", "--without-worker"), ("manage.py", "worker")
GRANIAN = ("-m", "granian", "--interface", "wsgi", "project.wsgi:application")


def names(cases: list[tuple[str, str, dict[str, str]]]) -> list[str]:
    return [f"{identity} {name}={value[:20]}" for identity, _, changes in cases for name, value in list(changes.items())[-1:]]


SOUND: list[dict[str, str]] = [
    {},
    {"PUBLIC_URL": "http://127.0.0.1:9000"},
    {"PUBLIC_URL": "http://localhost"},
    {"EMAIL_URL": "smtp://localhost:25"},
    {"EMAIL_URL": "smtp+ssl://mailer:secret@mail.example.com:465"},
]


@pytest.mark.parametrize("changes", SOUND, ids=str)
def test_a_sound_environment_passes(tmp_path: Path, changes: dict[str, str]) -> None:
    result = run(production(tmp_path, **changes), *CHECK)
    assert result.returncode == 0, result.stderr


def assert_refused(result: "subprocess.CompletedProcess[str]", identity: str, variable: str) -> None:
    assert result.returncode == 1, result.args
    for part in (identity, variable, "HINT"):
        assert part in result.stderr, result.args


@pytest.mark.parametrize(("identity", "variable", "changes"), WARNINGS, ids=names(WARNINGS))
def test_an_odd_one_does_not_and_is_told_what_to_set(
    tmp_path: Path, identity: str, variable: str, changes: dict[str, str]
) -> None:
    assert_refused(run(production(tmp_path, **changes), *CHECK), identity, variable)


@pytest.mark.parametrize(("identity", "variable", "changes"), ERRORS, ids=names(ERRORS))
def test_server_and_worker_do_not_start_in_a_broken_one_and_say_what_to_set(
    tmp_path: Path, identity: str, variable: str, changes: dict[str, str]
) -> None:
    for result in run_at_once(production(tmp_path, **changes), CHECK, SERVE, WORKER):
        assert_refused(result, identity, variable)


@pytest.mark.parametrize(
    ("package", "version"), [("granian", "2.8.6"), ("Django", "5.2.17"), ("cryptography", "49.0"), ("python_jose", "3.3.0")]
)
def test_Y09_server_and_worker_do_not_start_beside_a_package_too_old_or_forbidden(
    tmp_path: Path, package: str, version: str
) -> None:
    told = tmp_path / "packages" / f"{package}-{version}.dist-info"
    told.mkdir(parents=True)
    (told / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
    env = {**production(tmp_path), "PYTHONPATH": str(told.parent)}
    for result in run_at_once(env, CHECK, SERVE, WORKER):
        assert_refused(result, "signet.E010", f"{package.replace('_', '-')} {version} is")


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("SECRET_KEY", "", "SECRET_KEY is not set"),
        ("ENCRYPTION_KEYS", "", "ENCRYPTION_KEYS is not set"),
        ("ENCRYPTION_KEYS", "c2hvcnQ=", "ENCRYPTION_KEYS is malformed"),
        ("PUBLIC_URL", "", "PUBLIC_URL is not set"),
        ("PUBLIC_URL", "id.example.com", "PUBLIC_URL is malformed"),
        ("DATABASE_URL", "nonsense", "DATABASE_URL is malformed"),
        ("DATABASE_URL", "mysql://user:hidden@host/name", "DATABASE_URL is malformed"),
        ("EMAIL_URL", "nonsense", "EMAIL_URL is malformed"),
        ("SECRET_KEY_FILE", "/nonexistent", "SECRET_KEY_FILE names /nonexistent, which cannot be read"),
        ("TRUSTED_PROXIES", "everybody", "TRUSTED_PROXIES is malformed"),
        ("ACCESS_TOKEN_LIFETIME", "ten", "ACCESS_TOKEN_LIFETIME is malformed"),
        ("REFRESH_RESCUE_WINDOW", "601", "REFRESH_RESCUE_WINDOW is malformed"),
    ],
)
def test_K03_what_is_missing_or_cannot_be_understood_is_named(tmp_path: Path, name: str, value: str, sentence: str) -> None:
    for result in run_at_once(production(tmp_path, **{name: value}), CHECK, SERVE):
        assert_one_sentence(result, sentence)
        assert "hidden" not in result.stderr


def assert_one_sentence(result: "subprocess.CompletedProcess[str]", beginning: str) -> None:
    assert result.returncode == 1, result.args
    assert result.stderr.startswith(beginning), result.args
    assert len(result.stderr.splitlines()) == 1, result.stderr


def test_whoever_asks_for_the_traceback_gets_it(tmp_path: Path) -> None:
    result = run(production(tmp_path, DATABASE_URL="nonsense"), *SERVE, "--traceback")
    assert result.returncode == 1
    assert "Traceback" in result.stderr


def example(folder: Path, *, every_line: bool) -> dict[str, str]:
    """`.env.example` filled in as its page says, as the only thing that is told."""
    text = (ROOT / ".env.example").read_text()
    text = text.replace("SECRET_KEY=\n", f"SECRET_KEY={secrets.token_urlsafe(50)}\n", 1)
    text = text.replace("ENCRYPTION_KEYS=\n", f"ENCRYPTION_KEYS={random_key()}\n", 1)
    if every_line:
        text = re.sub(r"^# ([A-Z0-9_]+=.+)$", r"\1", text, flags=re.MULTILINE)
    (folder / "environment").write_text(text)
    return {"PATH": os.environ.get("PATH", ""), "HOME": str(folder), "SIGNET_ENV_FILE": str(folder / "environment")}


@pytest.mark.parametrize("every_line", [False, True])
def test_the_example_environment_is_sound_once_filled_in(tmp_path: Path, every_line: bool) -> None:
    result = run(example(tmp_path, every_line=every_line), *CHECK)
    assert result.returncode == 0, result.stderr


def test_the_example_environment_is_refused_as_it_is(tmp_path: Path) -> None:
    env = {**example(tmp_path, every_line=False), "SIGNET_ENV_FILE": ".env.example"}
    result = run(env, *CHECK)
    assert result.returncode == 1
    assert "ENCRYPTION_KEYS is malformed" in result.stderr


def test_a_misspelt_line_of_the_file_is_named(tmp_path: Path) -> None:
    env = example(tmp_path, every_line=False)
    with (tmp_path / "environment").open("a") as file:
        file.write("PUBLIC_ULR=https://id.example.com\n")
    for result in run_at_once(env, CHECK, SERVE):
        assert_one_sentence(result, "PUBLIC_ULR in environment is not a setting")


def test_K03_the_server_does_not_start_on_an_error(tmp_path: Path) -> None:
    assert_names_the_url(run(production(tmp_path, PUBLIC_URL="http://id.example.com"), *GRANIAN, "--port", str(free_port())))


@pytest.mark.deadline
def test_K03_a_server_that_starts_its_processes_anew_gives_up(tmp_path: Path) -> None:
    """The app server takes it for a loop when each of them ends within seconds."""
    env = production(tmp_path, PUBLIC_URL="http://id.example.com")
    assert_names_the_url(run(env, *GRANIAN, "--port", str(free_port()), "--respawn-failed-workers"))


def assert_names_the_url(result: "subprocess.CompletedProcess[str]") -> None:
    assert result.returncode == 1
    assert "signet.E003" in result.stdout + result.stderr
    assert "Set PUBLIC_URL=https://" in result.stdout + result.stderr


@pytest.mark.parametrize("command", ["migrate", "prepare"])
def test_nothing_else_starts_either(tmp_path: Path, command: str) -> None:
    result = run(production(tmp_path, ALLOWED_HOSTS="*"), "manage.py", command)
    assert result.returncode == 1
    assert "signet.E004" in result.stderr


@pytest.mark.parametrize("url", ["postgres://u:hidden@127.0.0.1:1/name", "sqlite:////nowhere/signet.sqlite3"])
@pytest.mark.parametrize("command", ["migrate", "prepare"])
def test_a_database_that_cannot_be_reached_is_one_sentence(tmp_path: Path, url: str, command: str) -> None:
    result = run(production(tmp_path, DATABASE_URL=url), "manage.py", command)
    assert_one_sentence(result, "The database of DATABASE_URL cannot be used: ")
    assert "hidden" not in result.stderr


def test_a_warning_does_not_stop_the_start(tmp_path: Path) -> None:
    result = run(production(tmp_path, TRUSTED_PROXIES=""), "-c", "import project.wsgi")
    assert result.returncode == 0, result.stderr


def test_the_server_does_not_start_without_its_style_sheets(tmp_path: Path) -> None:
    (tmp_path / "bare.py").write_text(f"from project.settings import *\nSTATIC_ROOT = {str(tmp_path / 'none')!r}\n")
    env = {**production(tmp_path), "DJANGO_SETTINGS_MODULE": "bare", "PYTHONPATH": str(tmp_path)}
    for refused in run_at_once(env, ("-c", "import project.wsgi"), SERVE):
        assert refused.returncode == 1
        assert "signet.E011" in refused.stderr
        assert "collectstatic" in refused.stderr
    assert run({**env, "DJANGO_SETTINGS_MODULE": "project.settings"}, "-c", "import project.wsgi").returncode == 0
    assert run(env, "manage.py", "collectstatic", "--noinput", "--verbosity", "0").returncode == 0
    assert run(env, "-c", "import project.wsgi").returncode == 0


def test_R04_the_server_does_not_start_with_a_transaction_around_each_request(tmp_path: Path) -> None:
    settings = "from project.settings import *\nDATABASES['default']['ATOMIC_REQUESTS'] = True\n"
    (tmp_path / "around.py").write_text(settings)
    env = {**production(tmp_path), "DJANGO_SETTINGS_MODULE": "around", "PYTHONPATH": str(tmp_path)}
    refused = run(env, "-c", "import project.wsgi")
    assert refused.returncode == 1
    assert "signet.E014" in refused.stderr
    assert "ATOMIC_REQUESTS" in refused.stderr
    assert run({**env, "DJANGO_SETTINGS_MODULE": "project.settings"}, "-c", "import project.wsgi").returncode == 0
