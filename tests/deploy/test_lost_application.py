"""What strangers see when the application is away, and what the proxies keep of what passed through them."""

import json
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy import edges
from tests.deploy.edges import Certificate, Edge
from tests.deploy.wire import HOST, Address, ask, exchange
from tests.support.ports import free_port
from tests.support.server import Server

pytestmark = [pytest.mark.processes, pytest.mark.slow]

UNAVAILABLE = {"code": "unavailable", "detail": "The service is busy or partly down. Try again in a moment."}
STARTERS = {"nginx": edges.nginx, "caddy": edges.caddy}


@pytest.fixture(params=STARTERS)
def before_nothing(request: pytest.FixtureRequest, tmp_path: Path, certificate: Certificate) -> Iterator[Edge]:
    """A proxy whose application does not run."""
    if not edges.is_installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    with STARTERS[request.param](tmp_path, free_port(), certificate) as edge:
        yield edge


def test_a_lost_application_is_503_and_says_when_to_return(before_nothing: Edge) -> None:
    answer = ask(before_nothing.at, "POST", "/auth/token/refresh/", body=b"{}")
    assert (answer.status, answer.json()) == (503, UNAVAILABLE)
    assert answer.headers["retry-after"] == "2"
    assert answer.headers["content-type"] == "application/json"


SECRETS = (
    "Authorization: Bearer canary-in-authorization",
    "Cookie: signet=canary-in-cookie",
    "Referer: https://id.example.test/?token=canary-in-referer",
)
ADDRESSES = {
    "/account/reset/": "token=canary-in-token",
    "/api/v1/me/export/": "link=canary-in-link",
    "/account/federated/x/callback/": "code=canary-in-code&state=canary-in-state",
    "/admin/accounts/user/": "q=canary-in-search",
}


def asked_in_every_way(edge: Edge) -> None:
    """Answered, refused for its method, its size or its headers, and too often."""
    # Caddy knows a site by name and port; nginx by its name.
    host = HOST if edge.name == "nginx" else f"{HOST}:{edge.at.port}"
    for path, query in ADDRESSES.items():
        asked = f"{path}?{query}"
        ask(edge.at, "GET", asked, headers=SECRETS, host=host)
        ask(edge.at, "TRACE", asked, headers=SECRETS, host=host)
        ask(edge.at, "POST", asked, headers=(*SECRETS, "Content-Length: 999999"), host=host)
        ask(edge.at, "POST", asked, headers=SECRETS, host=host, body=b"x" * 60_000)
        exchange(edge.at, f"GET {asked} HTTP/1.1\r\nHost: {host}\r\nX: {'y' * 40_000}\r\n\r\n".encode(), timeout=4)
        exchange(edge.at, f"GET {asked} HTTP/1.1\r\nHost: {host}\r\nno colon\r\n\r\n".encode(), timeout=4)
    path, query = next(iter(ADDRESSES.items()))
    with ThreadPoolExecutor(64) as pool:
        list(pool.map(lambda _: ask(edge.at, "GET", f"{path}?{query}", host=host), range(600)))


def written(folders: Iterable[Path]) -> str:
    """All that was written, into whichever log."""
    return "".join(file.read_text(errors="replace") for folder in folders for file in folder.glob("*log") if file.is_file())


def test_G01_nothing_that_a_proxy_writes_holds_a_query_or_a_header(
    proxy: Edge, tmp_path_factory: pytest.TempPathFactory, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    folders = list(tmp_path_factory.getbasetemp().glob(f"{proxy.name}*"))
    asked_in_every_way(proxy)
    eventually(lambda: all(path in written(folders) for path in ADDRESSES))
    assert "canary" not in written(folders)


def test_G01_nor_while_the_application_is_lost(
    before_nothing: Edge, tmp_path: Path, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    asked_in_every_way(before_nothing)
    eventually(lambda: all(path in written([tmp_path]) for path in ADDRESSES))
    assert "canary" not in written([tmp_path])


def logged(proxy: Edge, folders: pytest.TempPathFactory) -> str:
    """All that proxies of this kind wrote about requests."""
    name = {"nginx": "signet.log", "caddy": "output.log"}[proxy.name]
    return "".join(log.read_text() for log in folders.getbasetemp().glob(f"{proxy.name}*/{name}"))


def test_the_access_log_and_the_application_share_a_request_id(
    nginx: Edge, tmp_path_factory: pytest.TempPathFactory, eventually: Callable[[Callable[[], bool]], None]
) -> None:
    name = ask(nginx.at, "GET", "/healthz").headers["x-request-id"]
    eventually(lambda: f'"request_id":"{name}"' in logged(nginx, tmp_path_factory))


def curl(edge: Edge, *arguments: str) -> "subprocess.CompletedProcess[str]":
    if not edges.is_installed("curl"):
        pytest.skip("curl is not installed")
    url = f"https://{HOST}:{edge.at.port}"
    command = [
        "curl",
        "-sS",
        "--max-time",
        "10",
        "--cacert",
        str(edge.at.certificate),
        "--resolve",
        f"{HOST}:{edge.at.port}:127.0.0.1",
    ]
    return subprocess.run([*command, *arguments[:-1], url + arguments[-1]], capture_output=True, text=True, check=False)


def test_W01_a_client_cannot_forge_over_http2_either(proxy: Edge) -> None:
    forged = ["-H", "X_Forwarded_For: 6.6.6.6", "-H", "Forwarded: for=6.6.6.6;proto=http", "-H", "X-Forwarded-For: 6.6.6.6"]
    answer = curl(proxy, "--http2", "--interface", "127.0.0.9", "-w", "\n%{http_version}", *forged, "/mirror/two/")
    body, _, version = answer.stdout.rpartition("\n")
    believed = json.loads(body)
    assert version == "2"
    assert (believed["address"], believed["scheme"]) == ("127.0.0.9", "https")
    assert set(believed["headers"]) <= {"HTTP_HOST", "HTTP_FORWARDED", "HTTP_X_REQUEST_ID", "HTTP_USER_AGENT", "HTTP_ACCEPT"}


def test_W08_the_application_itself_speaks_no_http2(application: Server) -> None:
    asked = ["curl", "-sS", "--max-time", "5", "--http2-prior-knowledge", f"{application.url}/healthz"]
    if not edges.is_installed("curl"):
        pytest.skip("curl is not installed")
    assert subprocess.run(asked, capture_output=True, check=False).returncode != 0
    assert ask(Address(application.port), "GET", "/healthz").status == 200


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_old_tls_is_refused(proxy: Edge, version: str) -> None:
    assert curl(proxy, "--tls-max", "1.3", "/healthz").returncode == 0
    assert curl(proxy, f"--tlsv{version}", "--tls-max", version, "/healthz").returncode != 0
