"""Authlib, a client library that knows nothing of this project, signs somebody in at a running server."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory

from tests.support.server import ROOT, Server, running_server

from .registered import ALICE, alice_joins
from .visitor import visiting

BACK, SIGNED_OUT = "http://127.0.0.1:9/cb", "http://127.0.0.1:9/bye"
_ON_THE_PAGE = {"issuer": "https://id.example.com", "id": "c_…", "secret": "…", "back": "https://shop.example/cb"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("authlib")) as running:
        alice_joins(running)
        yield running


def registered(server: Server, authentication: str, algorithm: str, name: str = "") -> dict[str, str]:
    printed = server.manage(
        *("client", "create", name or f"{authentication} {algorithm}"),
        *("--redirect-uri", BACK, "--post-logout-redirect-uri", SIGNED_OUT),
        *("--scope", "profile", "--scope", "email", "--scope", "offline_access"),
        *("--authentication", authentication, "--id-token-algorithm", algorithm),
    )
    told = dict(re.findall(r"^(client_\w+)\s+(\S+)", printed, re.MULTILINE))
    known = {"id": told["client_id"], "secret": told["client_secret"], "authentication": authentication}
    return {**known, "redirect_uri": BACK, "signed_out": SIGNED_OUT}


def walked(server: Server, client: dict[str, str]) -> dict[str, Any]:
    asked = {"issuer": server.url, "client": client, "visitor": ALICE}
    program = [sys.executable, "-m", "tests.interop.authlib_party", json.dumps(asked)]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.processes
@pytest.mark.parametrize(
    ("authentication", "algorithm"),
    [("client_secret_basic", "RS256"), ("client_secret_post", "ES256"), ("client_secret_basic", "Ed25519")],
)
def test_foreign_client_goes_through(server: Server, authentication: str, algorithm: str) -> None:
    client = registered(server, authentication, algorithm)
    told = walked(server, client)
    assert (told["claims"]["iss"], told["claims"]["aud"], told["claims"]["nonce"]) == (server.url, client["id"], "a nonce")
    assert told["userinfo"]["sub"] == told["claims"]["sub"]
    assert (told["userinfo"]["name"], told["userinfo"]["email"]) == ("Alice", "alice@example.com")
    assert (told["rotated"], told["active"], told["revoked"], told["afterwards"]) == (True, True, 200, {"active": False})
    assert told["left"] == f"{SIGNED_OUT}?state=bye"


def of_the_page(**values: str) -> dict[str, Any]:
    """The functions of docs/single-sign-on.md, with these values in place of its own."""
    page = (ROOT / "docs" / "single-sign-on.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    for stands_there, value in values.items():
        code = code.replace(_ON_THE_PAGE[stands_there], value)
    found: dict[str, Any] = {}
    exec(f"{code}    return token, person\n", found)
    return found


@pytest.mark.processes
def test_client_of_the_page_learns_name_and_address(server: Server) -> None:
    client = registered(server, "client_secret_basic", "RS256", name="Shop")
    page = of_the_page(issuer=server.url, id=client["id"], secret=client["secret"], back=BACK)
    request = RequestFactory().get("/begin")
    request.session = {}
    with visiting(server.url) as visitor:
        came_back = visitor.let_in(page["begin"](request)["Location"], **ALICE)
    answered = RequestFactory().get(f"/cb?{urlsplit(came_back).query}")
    answered.session = request.session
    token, person = page["callback"](answered)
    assert (person["name"], person["email"], person["sub"]) == ("Alice", "alice@example.com", token["userinfo"]["sub"])
    assert "email" not in token["userinfo"]
