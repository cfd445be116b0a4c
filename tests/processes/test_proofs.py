"""Proofs of possession on the wire: two workers, one gate, a power cut (SECURITY D-04, D-11, D-16)."""

import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.key_holder import SoftKey, ath
from tests.support.server import Server, running_server

from .conftest import fresh_database
from .people import make_people
from .phone import PASSWORD, Answer, Phone

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]
EMAIL, PATH, TIMES = "alice@example.com", "/api/v1/me/access/", 32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("proofs")
    with running_server(folder, workers=2, env={"DATABASE_URL": fresh_database(folder)}) as running:
        make_people(running, EMAIL)
        yield running


class KeyHolder:
    """A phone with a key, over the wire."""

    def __init__(self, server: Server) -> None:
        self.url, self.key = server.url, SoftKey()
        self.nonce = self._sign_in({}).headers["DPoP-Nonce"]
        answer = self._sign_in({"nonce": self.nonce})
        assert answer.status == 200, answer.body
        self.access = str(answer.body["access"])

    def _sign_in(self, claims: dict[str, str]) -> Answer:
        proof = self.key.proof("POST", f"{self.url}/auth/token/", **claims)
        headers = {"Content-Type": "application/json", "DPoP": proof}
        with closing(Phone(self.url)) as phone:
            return phone.send("POST", "/auth/token/", headers, json.dumps({"email": EMAIL, "password": PASSWORD}))

    def proof(self) -> str:
        return self.key.proof("GET", self.url + PATH, nonce=self.nonce, ath=ath(self.access))

    def ask(self, *proofs: str) -> int:
        """Each proof in a header line of its own."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        connection.putrequest("GET", PATH)
        connection.putheader("Authorization", f"DPoP {self.access}")
        for proof in proofs:
            connection.putheader("DPoP", proof)
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status


def test_D04_one_of_32_uses_of_a_proof_passes_at_two_workers(server: Server) -> None:
    holder = KeyHolder(server)
    for _ in range(3):
        proof = holder.proof()
        with ThreadPoolExecutor(TIMES) as threads:
            statuses = list(threads.map(holder.ask, [proof] * TIMES))
        assert sorted(statuses) == [200, *[401] * (TIMES - 1)]


def test_D11_two_header_lines_are_no_proof(server: Server) -> None:
    holder = KeyHolder(server)
    assert holder.ask(holder.proof()) == 200
    good = holder.proof()
    for lines in ((good, holder.proof()), (good, good), (good, "junk"), ("junk", good), ("", good), (good, "")):
        assert holder.ask(*lines) in {400, 401}, lines
    assert holder.ask(good) == 200


def test_D16_proof_that_was_used_stays_used_after_a_kill(server: Server) -> None:
    holder = KeyHolder(server)
    used, kept = holder.proof(), holder.proof()
    assert holder.ask(used) == 200
    server.kill()
    server.start()
    assert [holder.ask(used) for _ in range(4)] == [401] * 4
    assert holder.ask(kept) == 200
