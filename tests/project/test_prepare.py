"""`manage.py prepare --migrate` on several hosts at once: one migrates, the others wait, all end well."""

import os
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from tests.project.environments import ROOT, production, run
from tests.support.postgres import NoPostgres, create_database, running_postgres

pytestmark = [pytest.mark.processes, pytest.mark.slow]

HOSTS = 4
PREPARE = [sys.executable, "manage.py", "prepare", "--migrate", "-v0"]
COUNT = """
import django; django.setup()
from accounts.keys.models import SigningKey
from project.health import _migrations_are_applied
print(_migrations_are_applied(), sorted(SigningKey.objects.values_list("state", flat=True)))
"""


def prepared_at_once(env: dict[str, str]) -> list[tuple[int, str]]:
    started = [
        subprocess.Popen(PREPARE, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(HOSTS)
    ]
    ended = [child.communicate(timeout=120) for child in started]
    return [(child.returncode, error) for child, (_, error) in zip(started, ended, strict=True) if child.returncode]


def state(env: dict[str, str]) -> str:
    return run({**env, "DJANGO_SETTINGS_MODULE": "project.settings"}, "-c", COUNT).stdout.strip()


def test_sqlite(tmp_path: Path) -> None:
    env = production(tmp_path)
    assert prepared_at_once(env) == []
    assert state(env) == "True ['active', 'next']"


def test_postgresql(tmp_path: Path) -> None:
    try:
        with running_postgres() as server:
            env = production(tmp_path, DATABASE_URL=create_database(server.url(), f"prepare_{uuid.uuid4().hex[:8]}"))
            assert prepared_at_once(env) == []
            assert state(env) == "True ['active', 'next']"
    except NoPostgres as reason:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(reason))
