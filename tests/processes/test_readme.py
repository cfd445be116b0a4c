"""README's curl lines, run as they stand against a real server, answer what README shows."""

import json
import re
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Server

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
EXCHANGES = re.findall(r"^\$ (curl .*)\n((?:\{.*\n)?)", README, re.MULTILINE)


def run(command: str, server: Server, known: dict[str, str]) -> Any:
    command = command.replace("localhost:8000", server.url.removeprefix("http://"))
    printed = subprocess.run(
        ["bash", "-c", command], env={**server.env, **known}, capture_output=True, text=True, check=True
    ).stdout
    return json.loads(printed) if printed else None


def members(answer: Any) -> list[str]:
    return sorted(answer) if answer else []


@pytest.mark.processes
def test_readme_shows_what_curl_answers(server: Server) -> None:
    server.manage(
        "createsuperuser",
        "--noinput",
        DJANGO_SUPERUSER_EMAIL="ada@example.com",
        DJANGO_SUPERUSER_PASSWORD="correct horse battery staple",
    )
    known: dict[str, str] = {}
    codes = []
    for command, shown in EXCHANGES:
        answer = run(command, server, known)
        if "/revoke/" in command:
            time.sleep(1)  # the promise: every worker, within a second
        assert members(answer) == members(json.loads(shown) if shown else None), command
        known.update({"ACCESS": known.get("ACCESS") or answer["access"], "REFRESH": known.get("REFRESH") or answer["refresh"]})
        codes.append((answer or {}).get("code"))
    assert codes == [None, None, None, None, "device_revoked"]
