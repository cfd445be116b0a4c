"""A limit holds for all processes together, and outlives them (SECURITY E-08)."""

from collections import Counter
from collections.abc import Iterator

import pytest

from accounts.lifecycle import guests
from tests.support.server import Server, running_server

from . import workers
from .conftest import Phones, fresh_database
from .people import make_people
from .phone import Phone

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]
WORKERS = 4
FREE = guests._NETWORK.free
EMAIL = "alice@example.com"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("limits")
    with running_server(folder, workers=WORKERS, env={"DATABASE_URL": fresh_database(folder)}) as running:
        make_people(running, EMAIL)
        yield running


def join(phone: Phone) -> int:
    """As a guest, of whom a network may make so many."""
    return phone.post("/auth/guest/", {}).status


# The first wait is a minute; a start that takes longer fails by time alone.
@pytest.mark.deadline
def test_E08_limit_counts_for_all_workers_and_outlives_their_death(server: Server, phones: Phones) -> None:
    crowd = phones(server.url, 64)
    for phone in crowd:
        phone.ask("none")
    found = workers.by_worker(server, crowd)
    assert len(found) == WORKERS
    turns = [mine[0] for mine in found.values()]
    asked = Counter(join(turns[number % WORKERS]) for number in range(FREE + WORKERS))
    assert asked == {200: FREE, 429: WORKERS}
    server.kill()
    server.launch()
    first = workers.first_at_each(server)
    assert [join(phone) for phone in first] == [429] * WORKERS
    assert [phone.sign_in(EMAIL).status for phone in first] == [200] * WORKERS
    for phone in first:
        phone.close()
