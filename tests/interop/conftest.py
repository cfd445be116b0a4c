"""A server, and the TypeScript client built from its OpenAPI document."""

import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.server import Server, running_server

from . import workshop

RunStory = Callable[[str], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a worker that delivers the mail."""
    try:
        workshop.require_node()
    except workshop.NoNode as reason:
        pytest.skip(str(reason))
    with running_server(tmp_path_factory.mktemp("interop"), env={"TRUSTED_PROXIES": "127.0.0.1/32"}) as running:
        running.spawn("worker")
        yield running


@pytest.fixture(scope="module")
def compiled(server: Server) -> dict[str, Path]:
    """The tests of the client, by name; they compile against the server's own document, or this fails."""
    with urllib.request.urlopen(f"{server.url}/api/schema/", timeout=30) as answer:
        document: bytes = answer.read()
    return {path.name.removesuffix(".test.js"): path for path in workshop.build(document)}


@pytest.fixture(scope="module")
def run_story(server: Server, compiled: dict[str, Path]) -> RunStory:
    """Run one file of them; what it printed is in the error."""

    def run(name: str) -> None:
        env = {"SIGNET_URL": server.url, "SIGNET_MAIL": str(server.mail)}
        command = ("node", "--test", "--test-timeout=120000", "--test-reporter=spec", str(compiled[name]))
        printed = workshop.run(*command, folder=workshop.HERE, env=env)
        assert "pass 0" not in printed, printed

    return run
