"""`make demo` against a real server of two workers."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.server import ROOT, Server, running_server

pytestmark = [pytest.mark.processes, pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("demo"), workers=2, env={"DEBUG": "true"}) as running:
        yield running


def demo(server: Server, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "examples.mobile_client.demo"]
    return subprocess.run(
        command, cwd=ROOT, env={**server.env, "URL": server.url, **env}, capture_output=True, text=True, check=False
    )


def test_demo_shows_everything(server: Server) -> None:
    done = demo(server)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "All 16 held." in done.stdout
    assert done.stdout.count("✗") == 0


def test_demo_shortens_every_token(server: Server) -> None:
    words = demo(server).stdout.replace('"', " ").split()
    assert [word for word in words if word.startswith(("eyJ", "rt1.")) and len(word) > 20] == []


def test_demo_leaves_nobody_behind(server: Server) -> None:
    demo(server)
    with closing(sqlite3.connect(server.folder / "signet.sqlite3")) as database:
        assert database.execute("SELECT email FROM accounts_user").fetchall() == []


def test_demo_fails_when_something_does_not_behave(server: Server) -> None:
    done = demo(server, EMAIL="nobody@example.com", PASSWORD="wrong")
    assert done.returncode == 1
    assert "invalid_credentials" in done.stdout


def test_demo_says_when_no_server_answers(server: Server) -> None:
    done = demo(server, URL="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "make run" in done.stderr


def test_demo_person_is_refused_in_production(server: Server) -> None:
    refused = subprocess.run(
        [sys.executable, "manage.py", "demo_user"],
        cwd=ROOT,
        env={**server.env, "DEBUG": "false", "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert refused.returncode == 1
    assert "DEBUG=true" in refused.stderr


def test_transcript_is_readable(server: Server, tmp_path: Path) -> None:
    longest = max(len(line) for line in demo(server).stdout.splitlines())
    assert longest <= 160
