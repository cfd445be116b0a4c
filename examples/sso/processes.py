"""Programs that run side by side: started, waited for, stopped together."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parents[2]
_READY_SECONDS, _STOP_SECONDS = 60, 20


class Ended(Exception):
    """One of them is not there; the message says which, and what it wrote last."""


class Programs:
    """Each writes into a file of its own in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, name: str, *words: str, env: Mapping[str, str]) -> str:
        """To its end; answers what it printed. Raises `Ended`."""
        with self._log(name).open("ab") as log:
            done = subprocess.run(
                [sys.executable, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=log, text=True, check=False
            )
        if done.returncode:
            raise Ended(self._last_words(name))
        return done.stdout

    def start(self, name: str, *words: str, env: Mapping[str, str], port: int) -> None:
        """And wait until it listens on `port`. Raises `Ended`."""
        with self._log(name).open("ab") as log:
            # A group of its own: Ctrl-C reaches this process alone, which tells each of them once.
            self._running[name] = subprocess.Popen(
                [sys.executable, *words], cwd=ROOT, env=env, stdout=log, stderr=log, process_group=0
            )
        deadline = time.monotonic() + _READY_SECONDS
        while not _listens(port):
            if self._running[name].poll() is not None or time.monotonic() > deadline:
                raise Ended(self._last_words(name))
            time.sleep(0.05)

    def watch(self) -> NoReturn:
        """For ever. Raises `Ended` as soon as one of them is gone."""
        while True:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise Ended(self._last_words(name))
            time.sleep(0.2)

    def stop(self) -> None:
        """In good order; what takes too long is killed, with all that it started. A second Ctrl-C changes nothing."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for process in self._running.values():
            process.terminate()
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(_STOP_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def _last_words(self, name: str) -> str:
        lines = self._log(name).read_text(errors="replace").splitlines()[-15:]
        return "\n".join([f"{name} ended. The last lines of {self._log(name)}:", *lines])


def free_port(wanted: int) -> int:
    """`wanted` itself if nobody listens there, else any."""
    for port in (wanted, 0):
        with suppress(OSError), socket.create_server(("127.0.0.1", port)) as probe:
            return int(probe.getsockname()[1])
    raise OSError("no port is free")


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
