"""The services of docs/verifying-tokens.md, as they stand there, beside a running server (SECURITY V-01)."""

import re
import secrets
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.ports import free_port
from tests.support.server import Server, running_server

from . import workshop
from .registered import ALICE, alice_joins

pytestmark = [pytest.mark.processes, pytest.mark.slow]

AUDIENCE = "https://notes.example.com"
PAGE = workshop.ROOT / "docs" / "verifying-tokens.md"
VERIFIERS = workshop.ROOT / "examples" / "verifiers"


@dataclass
class Robot:
    """A client that acts as itself, and may call the service."""

    server: Server
    client_id: str
    secret: str

    def token(self) -> str:
        asked = {"grant_type": "client_credentials", "scope": "notes:read"}
        answer = httpx.post(f"{self.server.url}/oauth/token", data=asked, auth=(self.client_id, self.secret))
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("services")) as running:
        running.manage("service", "create", AUDIENCE, "Notes", "--scope", "notes:read=Read your notes")
        alice_joins(running)
        yield running


@pytest.fixture
def robot(server: Server) -> Robot:
    printed = server.manage("client", "create", secrets.token_hex(4), "--acts-as-itself", "--scope", "notes:read")
    told = dict(re.findall(r"^(client_\w+)\s+(\S+)", printed, re.MULTILINE))
    return Robot(server, told["client_id"], told["client_secret"])


def of_the_page(language: str, server: Server, audience: str) -> str:
    """The only changes: which issuer it trusts, and who it is."""
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert "https://id.example.com" in block
    assert AUDIENCE in block
    return str(block).replace("https://id.example.com", server.url).replace(AUDIENCE, audience)


def python_service(server: Server, audience: str, folder: Path, port: int) -> list[str]:
    shutil.copy(VERIFIERS / "python" / "verifier.py", folder)
    (folder / "service.py").write_text(of_the_page("python", server, audience))
    return [str(Path(sys.executable).parent / "granian"), "--interface", "asgi", "--port", str(port), "service:app"]


def node_service(server: Server, audience: str, folder: Path, port: int) -> list[str]:
    try:
        workshop.require_node()
    except workshop.NoNode as reason:
        pytest.skip(str(reason))
    packages = workshop.with_packages("verifier").parent / "node_modules"
    (folder / "node_modules").symlink_to(packages)
    shutil.copy(VERIFIERS / "node" / "verifier.mjs", folder)
    (folder / "service.mjs").write_text(of_the_page("js", server, audience).replace("8080", f'{port}, "127.0.0.1"'))
    return ["node", "service.mjs"]


def go_service(server: Server, audience: str, folder: Path, port: int) -> list[str]:
    try:
        workshop.require_go()
    except workshop.NoGo as reason:
        pytest.skip(str(reason))
    (folder / "verifier").mkdir()
    shutil.copy(VERIFIERS / "go" / "verifier.go", folder / "verifier")
    (folder / "go.mod").write_text("module example.com/notes\n\ngo 1.19\n")
    (folder / "main.go").write_text(of_the_page("go", server, audience).replace(":8080", f"127.0.0.1:{port}"))
    workshop.run("go", "build", "-o", "service", ".", folder=folder)
    return ["./service"]


@contextmanager
def running(command: list[str], folder: Path, port: int) -> Iterator[str]:
    with (folder / "log").open("wb") as log, subprocess.Popen(command, cwd=folder, stdout=log, stderr=log) as process:
        try:
            url = f"http://127.0.0.1:{port}/"
            until = time.monotonic() + 30
            while not status(url):
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until
                time.sleep(0.05)
            yield url
        finally:
            process.terminate()


def status(url: str, token: str = "") -> int:
    """0 where nobody answers."""
    return answer(url, {"Authorization": f"Bearer {token}"} if token else {})[0]


def answer(url: str, headers: dict[str, str]) -> tuple[int, str | None]:
    """Its status, and what it says of the way to authenticate."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as told:
            return int(told.status), None
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["WWW-Authenticate"]
    except urllib.error.URLError:
        return 0, None


languages = pytest.mark.parametrize("service", [python_service, node_service, go_service], ids=["python", "node", "go"])
Start = Callable[[Server, str, Path, int], list[str]]


SOON = 2.0
"""Seconds, in normal running: the server hears of an ending within one, and the service asks it once a second."""
ON_TOP = 0.5
"""Seconds for seeing it, where server, service and whoever asks share a core or two."""


def refuses_soon(url: str, token: str) -> bool:
    """Counted from now, when the ending has just been answered."""
    ended = time.monotonic()
    while (seen := status(url, token)) == 200 and time.monotonic() - ended < SOON + ON_TOP:
        time.sleep(0.05)
    return seen == 401


@languages
def test_service_of_the_page_says_what_is_wrong_to_whoever_shows_a_token(server: Server, tmp_path: Path, service: Start) -> None:
    """And nothing to whoever shows none (RFC 6750 §3.1)."""
    port, wrong = free_port(), 'Bearer error="invalid_token"'
    with running(service(server, AUDIENCE, tmp_path, port), tmp_path, port) as url:
        assert answer(url, {"Authorization": "Bearer x.y.z"}) == (401, wrong)
        for shown in ({}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}):
            assert answer(url, shown) == (401, "Bearer"), shown


@languages
@pytest.mark.deadline
def test_V01_service_of_the_page_refuses_what_a_stopped_client_holds(
    server: Server, robot: Robot, tmp_path: Path, service: Start
) -> None:
    port = free_port()
    with running(service(server, AUDIENCE, tmp_path, port), tmp_path, port) as url:
        token = robot.token()
        assert (status(url), status(url, "x.y.z"), status(url, token)) == (401, 401, 200)
        server.manage("client", "stop", robot.client_id)
        assert refuses_soon(url, token)


@languages
@pytest.mark.deadline
def test_V01_service_of_the_page_refuses_who_has_signed_out(server: Server, tmp_path: Path, service: Start) -> None:
    """It stands for the API, whose audience the tokens of an app have."""
    port = free_port()
    with running(service(server, server.url, tmp_path, port), tmp_path, port) as url:
        signed_in = httpx.post(f"{server.url}/auth/token/", json=ALICE).json()
        assert status(url, signed_in["access"]) == 200
        assert httpx.post(f"{server.url}/auth/token/revoke/", json={"refresh": signed_in["refresh"]}).status_code == 204
        assert refuses_soon(url, signed_in["access"])
