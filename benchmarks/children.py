"""Starts what is measured: processes that take turns over a pipe, and servers on a free port."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from .contender import Contender
from .cores import SERVER_CORE, children_on
from .environment import ROOT, environ
from .pipe import Pipe


def run_module(variables: dict[str, str], *arguments: str, given: str = "") -> str:
    """Run `python -m …` to its end and return what it printed."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(command, env=environ(variables), cwd=ROOT, check=False, input=given, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)} failed:\n{done.stderr}")
    return done.stdout


class InProcess(Pipe):
    """A child running `benchmarks.in_process` for one contender."""

    def __init__(self, contender: Contender, log: Path) -> None:
        command = [sys.executable, "-m", "benchmarks.in_process", contender.bare_path, contender.guarded_path]
        super().__init__(contender.label, command, contender.environ, log)
        self.contender = contender
        self.database: dict[str, Any] = self.ask(json.dumps(contender.credentials))

    def turn(self, seconds: float) -> dict[str, float]:
        """Seconds per call of the bare and of the guarded view."""
        return dict(self.ask(str(seconds)))


class Server:
    """One worker of the contender's server on one core, on a free loopback port."""

    def __init__(self, contender: Contender, log: Path) -> None:
        self.contender = contender
        self.port = _free_port()
        self._log = log
        self._members: list[Path] | None = None
        with children_on(SERVER_CORE), log.open("wb") as output:
            self._process = subprocess.Popen(
                _command(contender, self.port),
                env=environ(contender.environ),
                cwd=ROOT,
                stdout=output,
                stderr=output,
                process_group=0,
            )
        self._wait()

    def _wait(self) -> None:
        """One caller alone must have had the right answer before anything is measured."""
        until = monotonic() + 30
        while monotonic() < until and self._process.poll() is None:
            if self._answers():
                return
            sleep(0.05)
        self.stop()
        raise SystemExit(f"{self.contender.label} did not start:\n{self._log.read_text()}")

    def _answers(self) -> bool:
        client = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        authorization = {"Authorization": self.contender.credentials[0]}
        try:
            client.request("GET", self.contender.guarded_path, headers=authorization)
            return client.getresponse().status == 200
        except OSError:
            return False
        finally:
            client.close()

    def busy_seconds(self) -> float:
        """Processor time spent so far by all threads of the server and its worker."""
        return sum(_nanoseconds(process) for process in self._processes()) / 1e9

    def _processes(self) -> list[Path]:
        if self._members is None:
            self._members = [path.parent for path in Path("/proc").glob("[0-9]*/stat") if _group(path) == self._process.pid]
        return self._members

    def stop(self) -> None:
        """End the process group that this object started."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
                self._process.wait()


def _group(stat: Path) -> int:
    """The process group in one `/proc/PID/stat`; 0 if the process has just ended."""
    try:
        return int(stat.read_text().rpartition(")")[2].split()[2])
    except (FileNotFoundError, ProcessLookupError):
        return 0


def _nanoseconds(process: Path) -> int:
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in (process / "task").iterdir())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _command(contender: Contender, port: int) -> list[str]:
    if contender.server == "node":
        return ["node", contender.target, str(port)]
    module = [sys.executable, "-m"]
    where = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    if contender.server == "uvicorn":
        return [*module, "uvicorn", *where, "--log-level", "warning", "--no-access-log", contender.target]
    flags = ["--interface", contender.interface, "--http", "1", "--no-ws", "--log-level", "warning"]
    if contender.interface == "wsgi":
        # One thread serves every Django contender fastest on one core, the rivals' refreshes included.
        flags += ["--blocking-threads", "1"]
    return [*module, "granian", *where, *flags, contender.target]
