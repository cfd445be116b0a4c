"""Proofs of possession on the wire: two workers, one gate, a power cut (SECURITY D-04, D-11, D-16)."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.server import Server, running_server

from .bound_phone import ASKED, BoundPhone
from .conftest import fresh_database
from .people import make_people

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]
EMAIL, TIMES = "alice@example.com", 32


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("proofs")
    with running_server(folder, workers=2, env={"DATABASE_URL": fresh_database(folder)}) as running:
        make_people(running, EMAIL)
        yield running


@pytest.fixture
def phone(server: Server) -> Iterator[BoundPhone]:
    """Signed in with a key."""
    with closing(BoundPhone(server.url)) as signed_in:
        assert signed_in.sign_in(EMAIL).status == 200
        yield signed_in


def ask(phone: BoundPhone, *proofs: str) -> int:
    """Each proof in a header line of its own, over a connection of its own."""
    connection = http.client.HTTPConnection(urlsplit(phone.url).netloc, timeout=30)
    connection.putrequest("GET", ASKED)
    connection.putheader("Authorization", f"DPoP {phone.access}")
    for proof in proofs:
        connection.putheader("DPoP", proof)
    connection.endheaders()
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_D04_one_of_32_uses_of_a_proof_passes_at_two_workers(phone: BoundPhone) -> None:
    for _ in range(3):
        proof = phone.proof()
        with ThreadPoolExecutor(TIMES) as threads:
            statuses = list(threads.map(partial(ask, phone), [proof] * TIMES))
        assert sorted(statuses) == [200, *[401] * (TIMES - 1)]


def test_D11_two_header_lines_are_no_proof(phone: BoundPhone) -> None:
    assert ask(phone, phone.proof()) == 200
    good = phone.proof()
    for lines in ((good, phone.proof()), (good, good), (good, "junk"), ("junk", good), ("", good), (good, "")):
        assert ask(phone, *lines) in {400, 401}, lines
    assert ask(phone, good) == 200


def test_D16_proof_that_was_used_stays_used_after_a_kill(server: Server, phone: BoundPhone) -> None:
    used, kept = phone.proof(), phone.proof()
    assert ask(phone, used) == 200
    server.kill()
    server.start()
    assert [ask(phone, used) for _ in range(4)] == [401] * 4
    assert ask(phone, kept) == 200
