"""A revocation whose transaction commits late is not lost: refused within a second of its commit (SECURITY R-24, RL-24)."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial

import pytest

from tests.support.postgres import Postgres, create_database
from tests.support.server import Server, running_server

from .conftest import Measured, Phones
from .crowd import results, together
from .people import make_people
from .phone import Answer, Phone
from .tables import connect

pytestmark = [pytest.mark.processes, pytest.mark.slow]
EMAIL = "alice@example.com"
_END = "INSERT INTO accounts_revocation (kind, value, not_before, expires_at) VALUES ('sid', %s, 0, 9999999999)"


@pytest.fixture(scope="module")
def server(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On PostgreSQL whatever the run is for: only there can a lower number commit after a higher one."""
    url = create_database(postgres.url(), "late_commit")
    with running_server(tmp_path_factory.mktemp("late"), workers=2, env={"DATABASE_URL": url}) as running:
        make_people(running, EMAIL)
        yield running


@pytest.fixture
def others(server: Server, phones: Phones) -> Iterator[None]:
    """Other people's sign-outs commit meanwhile, each with a higher number."""
    [phone] = phones(server.url)
    stop = threading.Event()

    def sign_in_and_out() -> None:
        while not stop.wait(0.1):
            phone.sign_in(EMAIL)
            phone.sign_out()

    thread = threading.Thread(target=sign_in_and_out)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("held", [1, 5, 30])
@pytest.mark.deadline
def test_R24_RL24_a_late_commit_is_refused_within_a_second(held: int, server: Server, phones: Phones, measured: Measured) -> None:
    [phone] = phones(server.url)
    phone.sign_in(EMAIL)
    with closing(connect(server.env["DATABASE_URL"])) as late:
        late.execute(_END, [phone.device])
        deadline = time.monotonic() + held
        while time.monotonic() < deadline:
            assert phone.ask().status == 200
            time.sleep(0.05)
        late.commit()
    committed = time.monotonic()
    last_accepted = max((answer.sent for answer in ask_for(1.3, phone) if answer.status == 200), default=committed)
    measured(f"accepted until {(last_accepted - committed) * 1000:.0f} ms after the commit")
    assert last_accepted - committed <= 1.0
    assert phone.ask().status == 401


def ask_for(seconds: float, phone: Phone) -> Iterator[Answer]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield phone.ask()


@pytest.mark.deadline
def test_R24_no_request_is_judged_by_old_news_while_new_ones_are_on_their_way(server: Server, phones: Phones) -> None:
    crowd = phones(server.url, 16)
    crowd[0].sign_in(EMAIL)
    token = crowd[0].access
    assert {phone.ask(token).status for phone in crowd} == {200}
    time.sleep(1.0)
    with closing(connect(server.env["DATABASE_URL"])) as slow:
        slow.execute(_END, [crowd[0].device])
        slow.commit()
        slow.execute("LOCK TABLE accounts_revocation IN ACCESS EXCLUSIVE MODE")
        released = threading.Timer(0.15, slow.rollback)
        released.start()
        answers = results(together([partial(phone.ask, token) for phone in crowd]))
        released.join()
    assert {answer.status for answer in answers} == {401}
