"""An import that is killed in the middle, and run again: nobody twice, nobody lost."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.imports import BCRYPT, table
from tests.support.server import ROOT, Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

GOOD, BAD = 1000, 4000
"""As many bad lines as a pipe cannot hold: whoever prints them waits until somebody reads."""


def people(path: Path) -> Path:
    google = {"issuer": "https://accounts.google.com", "roles": "readers", "email_verified": "true", "password_hash": BCRYPT}
    good = [{"email": f"person{number}@example.com", "subject": str(number), **google} for number in range(2 * GOOD)]
    return table(path, *good[:GOOD], *[{"email": "nobody"}] * BAD, *good[GOOD:])


def killed_in_the_middle(server: Server, path: Path) -> None:
    """The first half is in the database, and the run stands among the bad lines: its words fill the pipe that nobody empties."""
    command = [sys.executable, "manage.py", "import_users", "--from", "csv", str(path), "--create-roles"]
    with subprocess.Popen(command, cwd=ROOT, env=server.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as running:
        assert running.stderr is not None
        assert any(line.startswith(f"{GOOD + 2}: ".encode()) for line in running.stderr)
        running.send_signal(signal.SIGKILL)
        assert running.wait() == -signal.SIGKILL


def counted(server: Server, query: str) -> int:
    with sqlite3.connect(server.folder / "signet.sqlite3") as database:
        return int(database.execute(query).fetchone()[0])


def test_run_that_was_killed_goes_on(tmp_path: Path) -> None:
    path = people(tmp_path / "people.csv")
    with running_server(tmp_path, start=False) as server:
        killed_in_the_middle(server, path)
        assert counted(server, "SELECT count(*) FROM accounts_user") == GOOD
        said = server.manage("import_users", "--from", "csv", str(path), "--create-roles")
        assert f"{GOOD:,} imported, {GOOD:,} here already, {BAD:,} refused." in said
        for table_name in ("accounts_user", "accounts_user_groups", "accounts_federatedidentity"):
            assert counted(server, f"SELECT count(*) FROM {table_name}") == 2 * GOOD
        assert counted(server, "SELECT count(DISTINCT email) FROM accounts_user") == 2 * GOOD
        events = "SELECT sum(json_extract(details, '$.count')) FROM accounts_auditevent WHERE event = 'users.imported'"
        assert counted(server, events) == 2 * GOOD
