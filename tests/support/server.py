"""A real server for tests: granian in a process of its own, a fresh database, a free port."""

import base64
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from accounts.management.commands.serve import SERVER_ENV, THREADS, server_command

from .ports import free_port

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0


@dataclass
class Server:
    """`url` is its origin; `env` everything its processes see; `folder` holds database, mail (a file each) and log."""

    folder: Path
    port: int
    env: dict[str, str]
    workers: int = 1
    process: "subprocess.Popen[bytes] | None" = None
    others: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def mail(self) -> Path:
        return self.folder / "mail"

    def manage(self, *arguments: str, check: bool = True, **env: str) -> str:
        """Run `manage.py` against this server's database; answers what it printed."""
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(command, cwd=ROOT, env={**self.env, **env}, capture_output=True, text=True, check=False)
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def spawn(self, *arguments: str, **env: str) -> "subprocess.Popen[bytes]":
        """A command that keeps running (`worker`); stopped together with the server."""
        child = self._popen([sys.executable, "manage.py", *arguments], env)
        self.others.append(child)
        return child

    def start(self) -> None:
        self.launch()
        deadline = time.monotonic() + _READY_SECONDS
        while not self.answers():
            assert self.process is not None
            assert self.process.poll() is None, f"the server ended:\n{self.log()[-4000:]}"
            assert time.monotonic() < deadline, f"the server is not ready:\n{self.log()[-4000:]}"
            time.sleep(0.05)

    def launch(self) -> None:
        """Start it and wait for nothing: whoever asks next asks first."""
        self.process = self._popen(server_command("127.0.0.1", self.port, self.workers), SERVER_ENV)

    def answers(self, path: str = "/.well-known/jwks.json") -> bool:
        asked = urllib.request.Request(self.url + path, headers={"Host": urlsplit(self.env["PUBLIC_URL"]).netloc})
        try:
            with urllib.request.urlopen(asked, timeout=2) as answer:
                return int(answer.status) == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self) -> None:
        """In good order: the requests under way are answered."""
        for child in [*self.others, self.process]:
            if child is not None:
                _end(child)
        self.others, self.process = [], None

    def kill(self) -> None:
        """As a power cut would: master and workers at once, nothing flushed."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def log(self) -> str:
        return (self.folder / "server.log").read_text(errors="replace")

    def _popen(self, command: list[str], env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
        seen = {**self.env, **(env or {})}
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(command, cwd=ROOT, env=seen, stdout=log, stderr=log, start_new_session=True)


@contextmanager
def running_server(
    folder: Path, *, workers: int = 1, env: Mapping[str, str] | None = None, start: bool = True, prepare: bool = True
) -> Iterator[Server]:
    """Migrated, with signing keys, answering. `DATABASE_URL` in `env` chooses another database than SQLite in `folder`."""
    port = free_port()
    server = Server(folder=folder, port=port, env=_environment(folder, port, env or {}), workers=workers)
    if prepare:
        server.manage("migrate", "--verbosity=0")
        server.manage("prepare")
    try:
        if start:
            server.start()
        yield server
    finally:
        server.stop()


def _environment(folder: Path, port: int, chosen: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "DJANGO_SETTINGS_MODULE": "tests.server_settings",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SIGNET_ENV_FILE": "tests/no.env",
        # As `make run` has it; the tests of the second factor ask for it.
        "REQUIRE_MFA_FOR_STAFF": "false",
        "SECRET_KEY": "only-for-tests-" + "y" * 40,
        "ENCRYPTION_KEYS": base64.urlsafe_b64encode(b"s" * 32).decode(),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'signet.sqlite3'}",
        "EMAIL_URL": f"filemail:///{folder / 'mail'}",
        "ARGON2_MEMORY_COST": "64",
        "ARGON2_TIME_COST": "1",
        "LOG_LEVEL": "INFO",
        # All threads: tests race more people at once than the product lets in. `tests/processes/test_storm.py` has its own.
        "SIGN_IN_CONCURRENCY": str(THREADS),
        **chosen,
    }


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
