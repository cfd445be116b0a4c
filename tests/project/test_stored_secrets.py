"""`ENCRYPTION_KEYS` that do not open what is stored stop the start, and nobody is signed out (SECURITY K-02, K-15)."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.project.environments import ROOT, production, random_key, run
from tests.support.ports import free_port

pytestmark = [pytest.mark.processes, pytest.mark.slow]

COMMANDS = {"prepare": ["prepare"], "serve": ["serve", "--without-worker"], "worker": ["worker"], "once": ["worker", "--once"]}


@pytest.fixture
def env(tmp_path: Path, collected: None) -> dict[str, str]:
    """A server that has made its signing keys."""
    made = production(tmp_path, PORT=str(free_port()), WORKERS="1", PUBLIC_URL="http://127.0.0.1")
    assert run(made, "manage.py", "prepare", "--migrate", "-v0").returncode == 0
    return made


def with_keys(env: dict[str, str], *keys: str) -> dict[str, str]:
    return {**env, "ENCRYPTION_KEYS": ",".join(keys)}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
def test_K02_nothing_starts_with_another_key(env: dict[str, str], command: list[str]) -> None:
    result = run(with_keys(env, random_key()), "manage.py", *command)
    assert result.returncode == 1
    assert "ENCRYPTION_KEYS does not open 2 signing keys" in result.stderr
    assert "Put the key that encrypted them back" in result.stderr
    assert "Traceback" not in result.stderr


def test_K15_everything_starts_with_the_old_key_kept_second_and_after_rewrapping_without_it(env: dict[str, str]) -> None:
    old, new = env["ENCRYPTION_KEYS"], random_key()
    both, fresh = with_keys(env, new, old), with_keys(env, new)
    assert starts(both)
    assert run(both, "manage.py", "rotate_keys", "--rewrap").returncode == 0
    assert starts(fresh)
    assert "does not open" in run(env, "manage.py", "prepare").stderr


def starts(env: dict[str, str]) -> bool:
    """Each command that is meant to end ends well, and the server announces itself."""
    for command in (COMMANDS["prepare"], COMMANDS["once"]):
        assert run(env, "manage.py", *command).returncode == 0
    server = subprocess.Popen(
        [sys.executable, "manage.py", *COMMANDS["serve"]], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        assert server.stdout is not None
        return server.stdout.readline().startswith(b"Signet on ")
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)
