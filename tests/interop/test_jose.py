"""`jose` for Node, with the issuer's JWK Set as it fetches and keeps it, verifies tokens while the keys change."""

import hashlib
import json
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from tests.support import forge
from tests.support.server import Server, running_server

from . import registered, workshop
from .registered import ALICE, BACK, NOTES
from .visitor import visiting

pytestmark = [pytest.mark.processes, pytest.mark.slow]
DEFAULTS: dict[str, int] = {}
"""The set is kept for ten minutes, and asked for again for an unknown `kid` after thirty seconds."""
IMPATIENT = {"cacheMaxAge": 500, "cooldownDuration": 500}
_SECONDS = 15.0
_AGED = """
from datetime import timedelta
from django.db.models import F
from accounts.keys.models import SigningKey
SigningKey.objects.filter(state="next").update(published_at=F("published_at") - timedelta(hours=1))
SigningKey.objects.filter(state="active").update(activated_at=F("activated_at") - timedelta(days=365))
"""


@dataclass
class Party:
    """Gets tokens that are signed by the key that is active now: of a service's audience, and ID tokens."""

    issuer: str
    clients: dict[str, Any]
    refresh_token: str = ""

    def access(self) -> str:
        return str(self._asked("robot", grant_type="client_credentials", scope="notes:read")["access_token"])

    def id_token(self) -> str:
        return str(self._asked("basic", grant_type="refresh_token", refresh_token=self.refresh_token)["id_token"])

    def sign_in(self) -> None:
        verifier, party = "v" * 43, self.clients["basic"]["id"]
        asked = {"client_id": party, "redirect_uri": BACK, "response_type": "code", "scope": "openid offline_access"}
        proof = {"code_challenge": forge.b64(hashlib.sha256(verifier.encode()).digest()), "code_challenge_method": "S256"}
        address = httpx.URL(f"{self.issuer}/oauth/authorize", params={**asked, **proof})
        with visiting(self.issuer) as visitor:
            code = httpx.URL(visitor.let_in(str(address), **ALICE)).params["code"]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": verifier}
        self._asked("basic", **given)

    def _asked(self, name: str, **form: str) -> dict[str, Any]:
        known = self.clients[name]
        answer = httpx.post(f"{self.issuer}/oauth/token", data=form, auth=(known["id"], known["secret"])).raise_for_status()
        found: dict[str, Any] = answer.json()
        self.refresh_token = found.get("refresh_token", self.refresh_token)
        return found


@dataclass
class Verifier:
    """A program that keeps the set for as long as it runs."""

    process: "subprocess.Popen[str]"
    clients: dict[str, Any]

    def access(self, token: str) -> str:
        return self._verdict(token=token, audience=NOTES, typ="at+jwt")

    def id_token(self, token: str) -> str:
        return self._verdict(token=token, audience=self.clients["basic"]["id"], typ="JWT")

    def _verdict(self, **asked: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return self.process.stdout.readline().strip()


@pytest.fixture(scope="module")
def server(node: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("jose")) as running:
        yield running


@pytest.fixture(scope="module")
def clients(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = registered.world(server)["clients"]
    return found


@pytest.fixture
def party(server: Server, clients: dict[str, Any]) -> Party:
    party = Party(server.url, clients)
    party.sign_in()
    return party


@contextmanager
def verifying(server: Server, clients: dict[str, Any], options: dict[str, int]) -> Iterator[Verifier]:
    program = ["node", "jose_verifier.mjs", server.url, json.dumps(options)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(program, cwd=workshop.with_packages("parties"), **pipes) as process:
        yield Verifier(process, clients)


def kid_of(token: str) -> str:
    return str(forge.opened(token)[0]["kid"])


def until(outcome: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + _SECONDS
    while not outcome():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def signed_by_another(ask: Callable[[], str], than: str) -> str:
    """The processes of the server hear of a change within a second."""
    until(lambda: kid_of(ask()) != kid_of(than), "the key that signs is still the same")
    return ask()


@pytest.mark.parametrize("kind", ["access", "id_token"])
def test_tokens_of_before_and_after_a_rotation_verify(server: Server, clients: dict[str, Any], party: Party, kind: str) -> None:
    ask: Callable[[], str] = getattr(party, kind)
    with verifying(server, clients, IMPATIENT) as impatient, verifying(server, clients, DEFAULTS) as patient:
        token, judges = ask(), (getattr(impatient, kind), getattr(patient, kind))
        assert [judge(token) for judge in judges] == ["good", "good"]
        server.manage("shell", "-c", _AGED)
        server.manage("rotate_keys")
        server.manage("worker", "--once")
        newer = signed_by_another(ask, token)
        # The key that takes over has long been published, and the one before still is.
        assert [judge(each) for judge in judges for each in (token, newer)] == ["good"] * 4


@pytest.mark.parametrize("kind", ["access", "id_token"])
def test_tokens_of_a_pulled_key_are_refused(server: Server, clients: dict[str, Any], party: Party, kind: str) -> None:
    ask: Callable[[], str] = getattr(party, kind)
    with verifying(server, clients, IMPATIENT) as impatient, verifying(server, clients, DEFAULTS) as patient:
        judge, others = getattr(impatient, kind), getattr(patient, kind)
        token = ask()
        assert (judge(token), others(token)) == ("good", "good")
        server.manage("rotate_keys", "--emergency", kid_of(token))
        newer = signed_by_another(ask, token)
        until(lambda: judge(token) == "ERR_JWKS_NO_MATCHING_KEY", "a token of the key is still taken")
        # Its successor had been published.
        assert (judge(newer), others(newer)) == ("good", "good")
