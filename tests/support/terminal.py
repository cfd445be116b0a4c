"""A terminal with `manage.py serve` in its foreground, as somebody who typed `make run` has it."""

import fcntl
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import psutil

from tests.support.server import ROOT, Server

CTRL_C = b"\x03"
_END_SECONDS = 40.0


@dataclass
class Terminal:
    """`printed` is what the screen showed so far."""

    keyboard: int
    process: "subprocess.Popen[bytes]"
    printed: bytearray = field(default_factory=bytearray)

    def press(self, key: bytes) -> None:
        os.write(self.keyboard, key)

    def family(self) -> list[psutil.Process]:
        """The command and all that it started."""
        mother = psutil.Process(self.process.pid)
        return [mother, *mother.children(recursive=True)]

    def wait(self, seconds: float = _END_SECONDS) -> float:
        """Answers how long it took to end. Raises `TimeoutExpired`."""
        started = time.monotonic()
        self.process.wait(seconds)
        return time.monotonic() - started


@contextmanager
def serving(server: Server, options: Sequence[str] = (), *, ready: bool = True) -> Iterator[Terminal]:
    """`manage.py serve` on a pseudo-terminal that it is controlled by; whatever is left of it at the end is killed."""
    keyboard, screen = os.openpty()
    command = [sys.executable, "manage.py", "serve", "--port", str(server.port), "--workers", "2", *options]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=server.env,
        stdin=screen,
        stdout=screen,
        stderr=screen,
        start_new_session=True,
        preexec_fn=_sit_down,  # noqa: PLW1509 - three system calls, before exec
    )
    os.close(screen)
    terminal = Terminal(keyboard, process)
    reading = threading.Thread(target=_read, args=(terminal,), daemon=True)
    reading.start()
    family = [psutil.Process(process.pid)]
    try:
        if ready:
            _wait_ready(terminal, server)
        family = terminal.family()
        yield terminal
    finally:
        with suppress(psutil.NoSuchProcess):
            family = terminal.family()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait()
        reading.join(5)
        os.close(keyboard)


def _sit_down() -> None:
    """As a shell starts a command: the terminal is its own, and no signal is ignored because our own parent ignores it."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_ready(terminal: Terminal, server: Server) -> None:
    deadline = time.monotonic() + 60
    while not server.answers():
        assert terminal.process.poll() is None, terminal.printed.decode(errors="replace")
        assert time.monotonic() < deadline, terminal.printed.decode(errors="replace")
        time.sleep(0.05)


def _read(terminal: Terminal) -> None:
    try:
        while piece := os.read(terminal.keyboard, 4096):
            terminal.printed += piece
    except OSError:
        return
