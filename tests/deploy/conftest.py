"""One application and both proxies in front of it, for all tests of this folder."""

import resource
import time
from collections.abc import Callable, Iterator

import pytest

from tests.deploy import edges
from tests.deploy.edges import Certificate, Edge
from tests.deploy.wire import HOST, Address
from tests.support.server import Server, running_server


@pytest.fixture(scope="session", autouse=True)
def _many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 20_000)), hard))


@pytest.fixture(scope="session")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Configured as behind a proxy on this machine."""
    chosen = {
        "DJANGO_SETTINGS_MODULE": "tests.deploy.settings",
        "PUBLIC_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
        "TRUSTED_PROXIES": "127.0.0.1/32,::1/128",
    }
    with running_server(tmp_path_factory.mktemp("application"), env=chosen) as server:
        yield server


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return edges.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="session")
def nginx(application: Server, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    _require("nginx")
    with edges.nginx(tmp_path_factory.mktemp("nginx"), application.port, certificate) as edge:
        yield edge


@pytest.fixture(scope="session")
def caddy(application: Server, certificate: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edge]:
    _require("caddy")
    with edges.caddy(tmp_path_factory.mktemp("caddy"), application.port, certificate) as edge:
        yield edge


@pytest.fixture(scope="session")
def direct(application: Server) -> Edge:
    return Edge("direct", Address(application.port))


@pytest.fixture(params=["nginx", "caddy"])
def proxy(request: pytest.FixtureRequest) -> Edge:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.fixture(params=["direct", "nginx", "caddy"])
def edge(request: pytest.FixtureRequest) -> Edge:
    return request.getfixturevalue(request.param)  # type: ignore[no-any-return]


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """For what another program writes a moment later."""

    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 5
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    return wait


def _require(program: str) -> None:
    if not edges.is_installed(program):
        pytest.skip(f"{program} is not installed (Debian: apt install {program})")
