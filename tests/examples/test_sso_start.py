"""`make demo-sso` says what is where, leaves everything else alone, and leaves nothing running."""

import fcntl
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.server import ROOT

from .sso import demonstration

pytestmark = pytest.mark.processes


@pytest.mark.slow
def test_demonstration_says_what_is_where_and_leaves_nothing_running(tmp_path: Path) -> None:
    with demonstration(tmp_path) as demo:
        places = {name: demo.told(name) for name in ("Shop", "Board", "Notes", "Signet")}
        ports = [int(re.findall(r":(\d+)$", place)[0]) for place in places.values()]
        assert {name: place.partition("//")[2].partition(":")[0] for name, place in places.items()} == {
            "Shop": "shop.localhost",
            "Board": "board.localhost",
            "Notes": "notes.localhost",
            "Signet": "localhost",
        }
        assert all(listens(port) for port in ports)
        started = descendants(demo.process.pid)
        assert len(started) >= 6
        assert demo.stop() == 0
        assert [pid for pid in started if Path("/proc", str(pid)).exists()] == []
        assert not any(listens(port) for port in ports)


def test_demonstration_without_npm_says_what_to_install(tmp_path: Path) -> None:
    done = begun(tmp_path, PATH=str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("npm is needed")


def test_second_demonstration_does_not_touch_the_first(tmp_path: Path) -> None:
    first = tmp_path / "now"
    first.mkdir()
    with (tmp_path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = begun(tmp_path)
    assert (done.returncode, done.stderr) == (1, "It runs already. Stop the other one first.\n")
    assert first.exists()


def begun(folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "examples.sso.demo", str(folder), "0"]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **env}, capture_output=True, text=True, check=False)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return [*children, *(found for child in children for found in descendants(child))]
