"""A server, an issuer that it knows, and the TypeScript client built from the server's OpenAPI document."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.issuer import Issuer, serving
from tests.support.server import Server, running_server

from . import workshop

RunStory = Callable[[str], None]
ADMINISTRATOR = {"DJANGO_SUPERUSER_EMAIL": "root@example.com", "DJANGO_SUPERUSER_PASSWORD": "an administrator's password"}


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving(Issuer()) as running:
        yield running


@pytest.fixture(scope="session")
def node() -> None:
    """Skips where it is missing or too old."""
    try:
        workshop.require_node()
    except workshop.NoNode as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="session")
def go() -> None:
    """Skips where it is missing."""
    try:
        workshop.require_go()
    except workshop.NoGo as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def server(node: None, tmp_path_factory: pytest.TempPathFactory, issuer: Issuer) -> Iterator[Server]:
    """With a worker that delivers the mail, and an administrator who has no second factor yet and must have one."""
    env = {
        "TRUSTED_PROXIES": "127.0.0.1/32",
        "REQUIRE_MFA_FOR_STAFF": "true",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FEDERATED_PROVIDERS": json.dumps({"upstream": issuer.setting(notices="risc")}),
    }
    with running_server(tmp_path_factory.mktemp("interop"), env=env) as running:
        running.manage("createsuperuser", "--noinput", **ADMINISTRATOR)
        running.spawn("worker")
        yield running


@pytest.fixture(scope="module")
def compiled(server: Server) -> dict[str, Path]:
    """The tests of the client, by name; they compile against the server's own document, or this fails."""
    with urllib.request.urlopen(f"{server.url}/api/schema/", timeout=30) as answer:
        document: bytes = answer.read()
    return {path.name.removesuffix(".test.js"): path for path in workshop.build(document)}


@pytest.fixture(scope="module")
def run_story(server: Server, issuer: Issuer, compiled: dict[str, Path]) -> RunStory:
    """Run one file of them; what it printed is in the error."""

    def run(name: str) -> None:
        env = {
            "SIGNET_URL": server.url,
            "SIGNET_MAIL": str(server.mail),
            "SIGNET_ISSUER": issuer.url,
            "SIGNET_ADMINISTRATOR": json.dumps([*ADMINISTRATOR.values()]),
        }
        command = ("node", "--test", "--test-timeout=120000", "--test-reporter=spec", str(compiled[name]))
        printed = workshop.run(*command, folder=workshop.HERE, env=env)
        assert "pass 0" not in printed, printed

    return run
