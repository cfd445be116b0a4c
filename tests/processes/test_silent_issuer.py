"""An issuer that never answers takes its own button away, and nobody else's way in (SECURITY F-13)."""

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import forge
from tests.support.issuer import Issuer, serving
from tests.support.server import Server, running_server

from .conftest import Measured, Phones, percentiles
from .people import make_people
from .phone import Answer

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.deadline]
EMAIL = "alice@example.com"
CROWD = 20
UNSIGNED = forge.signed({"alg": "RS256", "kid": "any"}, {"sub": "x"}, lambda _: b"x")
DOORS = (("/auth/federated/upstream/", {"id_token": UNSIGNED}), ("/auth/federated/upstream/notices/", {"payload": UNSIGNED}))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with serving(Issuer(mode="silent")) as running:
        yield running


@pytest.fixture
def server(tmp_path: Path, issuer: Issuer) -> Iterator[Server]:
    """One process with as many places at the doors as the product has; on SQLite whatever the run is for."""
    env = {
        "SIGN_IN_CONCURRENCY": "10",
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
        "FEDERATED_PROVIDERS": json.dumps({"upstream": issuer.setting(notices="risc")}),
    }
    with running_server(tmp_path, env=env) as running:
        make_people(running, EMAIL)
        yield running


def test_F13_sign_in_by_password_does_not_notice_an_issuer_that_is_silent(
    server: Server, issuer: Issuer, phones: Phones, measured: Measured
) -> None:
    [owner], crowd = phones(server.url), phones(server.url, CROWD)
    enough, refused, signed_in = threading.Event(), list[Answer](), list[Answer]()

    def knock(number: int) -> None:
        while not enough.is_set():
            refused.append(crowd[number].post(*DOORS[number % 2]))
            # A server may end a connection whose request it refused unread.
            crowd[number].close()
            enough.wait(0.1)

    knocking = [threading.Thread(target=knock, args=[number]) for number in range(CROWD)]
    for one in knocking:
        one.start()
    # Longer than the issuer is waited for, and than its silence is remembered.
    deadline = time.monotonic() + 10
    try:
        while time.monotonic() < deadline:
            signed_in.append(owner.sign_in(EMAIL))
    finally:
        enough.set()
        for one in knocking:
            one.join()
    seconds, waited = [one.took for one in signed_in], [one for one in refused if one.took > 1]
    measured(
        f"{len(seconds)} sign-ins by password, {percentiles(seconds)}; {len(waited)} of {len(refused)} waited for the issuer"
    )
    assert {one.status for one in signed_in} == {200}
    assert sorted(seconds)[int(len(seconds) * 0.99)] < 0.5
    assert Counter(one.status for one in refused) == {503: len(refused)}
    assert all(int(one.headers["Retry-After"]) > 0 for one in refused)
    assert waited, "somebody asked the issuer"
    assert set(issuer.paths) == {"/.well-known/openid-configuration"}
