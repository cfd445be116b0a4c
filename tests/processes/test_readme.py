"""What README says to paste, pasted as it stands beside a server as `make run` starts it, prints what README shows."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ROOT, Server, running_server

README = (ROOT / "README.md").read_text()
[PASTED] = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
[SHOWN] = re.findall(r"^```json\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """`DEBUG`, as in the `.env` that `make run` writes."""
    with running_server(tmp_path, workers=2, env={"DEBUG": "true"}) as running:
        running.manage(
            *("createsuperuser", "--noinput"),
            DJANGO_SUPERUSER_EMAIL="ada@example.com",
            DJANGO_SUPERUSER_PASSWORD="correct horse battery staple",
        )
        yield running


def alike(answer: dict[str, Any]) -> dict[str, Any]:
    """Names, types, and every value that is not another one each time."""
    fixed = (bool, list, type(None))
    told = {"code", "detail", "email", "name", "token_type", "expires_in"}
    return {name: value if isinstance(value, fixed) or name in told else type(value) for name, value in answer.items()}


@pytest.mark.processes
@pytest.mark.deadline
@pytest.mark.parametrize("shell", ["bash", "sh"])
def test_readme_shows_what_curl_answers(server: Server, shell: str) -> None:
    script = PASTED.replace("localhost:8000", f"localhost:{server.port}")
    done = subprocess.run([shell, "-e"], input=script, env=server.env, capture_output=True, text=True, check=True)
    printed = [alike(json.loads(line)) for line in done.stdout.splitlines()]
    assert printed == [alike(json.loads(line)) for line in SHOWN.splitlines()]
