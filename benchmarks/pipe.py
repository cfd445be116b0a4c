"""A child on the server's core that answers each line with a line of JSON."""

import json
import subprocess
from pathlib import Path
from typing import Any

from .cores import SERVER_CORE, children_on
from .environment import ROOT, environ


class Pipe:
    """`label` names it; `log` gets its complaints."""

    def __init__(self, label: str, command: list[str], variables: dict[str, str], log: Path) -> None:
        self._label = label
        self._log = log
        with children_on(SERVER_CORE), log.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                env=environ(variables),
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )

    def ask(self, line: str) -> Any:
        """What it answers; the run ends with the child."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(line, file=self._process.stdin, flush=True)
        answer = self._process.stdout.readline()
        if not answer:
            raise SystemExit(f"{self._label}: the measured process ended:\n{self._log.read_text()}")
        return json.loads(answer)

    def stop(self) -> None:
        """Close the pipe, which ends the child."""
        self._process.communicate()
