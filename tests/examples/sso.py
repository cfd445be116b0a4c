"""`make demo-sso` as a test runs it: in a folder of its own, read by what it prints."""

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.server import ROOT

_STOP_SECONDS = 40


@dataclass
class Demonstration:
    """Addresses and who can sign in, as printed."""

    process: "subprocess.Popen[str]"
    printed: str

    def told(self, name: str) -> str:
        return re.findall(rf"^ *{name} +(\S+)", self.printed, re.MULTILINE)[0]

    def stop(self) -> int:
        """By Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(_STOP_SECONDS)


@contextmanager
def demonstration(folder: Path) -> Iterator[Demonstration]:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    command = [sys.executable, "-m", "examples.sso.demo", str(folder), "0"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        yield Demonstration(process, _until_it_runs(process))
    finally:
        process.terminate()
        process.wait(_STOP_SECONDS)
        assert process.stdout is not None
        process.stdout.close()


def _until_it_runs(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    printed = ""
    for line in process.stdout:
        printed += line
        if "Ctrl-C" in line:
            return printed
    pytest.fail(f"it ended:\n{printed}")
