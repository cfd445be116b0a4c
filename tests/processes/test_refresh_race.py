"""32 clients, one refresh token, 200 rounds: one successor a round, nobody accused (SECURITY R-01, RL-01)."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

import pytest

from tests.support.server import Server

from .conftest import Measured, percentiles
from .phone import Answer, Phone
from .tables import literal, rows

CLIENTS, ROUNDS = 32, 200
pytestmark = [pytest.mark.processes, pytest.mark.both_databases]


@dataclass
class Race:
    """The clients keep their connections; a barrier starts every round."""

    url: str
    token: str
    device: str
    answers: list[Answer] = field(default_factory=list)
    rounds: list[list[Answer]] = field(default_factory=list)
    failure: BaseException | None = None

    def run(self) -> None:
        gate = threading.Barrier(CLIENTS, action=self._next_round)
        threads = [threading.Thread(target=self._client, args=(gate,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self.failure:
            raise self.failure

    def _client(self, gate: threading.Barrier) -> None:
        phone = Phone(self.url)
        try:
            for _ in range(ROUNDS):
                gate.wait(60)
                self.answers.append(phone.rotate(self.token))
            gate.wait(60)
        except threading.BrokenBarrierError:
            pass
        except Exception as error:  # noqa: BLE001 - raised again by `run`
            self.failure = error
            gate.abort()
        finally:
            phone.close()

    def _next_round(self) -> None:
        """Everybody goes on with the successor, as the threads of one app would."""
        if self.answers:
            self.rounds.append(self.answers)
            self.token = next(answer.body["refresh"] for answer in self.answers if answer.status == 200)
            self.answers = []


@pytest.fixture(scope="module")
def race(server: Server, strangers: Iterator[str]) -> Race:
    with closing(Phone(server.url)) as racer:
        assert racer.sign_in(next(strangers)).status == 200
    run = Race(server.url, racer.refresh, racer.device)
    run.run()
    return run


def test_R01_each_round_has_one_successor(race: Race, measured: Measured) -> None:
    assert len(race.rounds) == ROUNDS
    assert Counter(answer.status for answers in race.rounds for answer in answers) == {200: CLIENTS * ROUNDS}
    assert {len({answer.body["refresh"] for answer in answers}) for answers in race.rounds} == {1}
    measured(percentiles([answer.took for answers in race.rounds for answer in answers]))


def test_R01_each_round_has_one_winner(race: Race) -> None:
    winners = [sum(answer.headers["X-Refresh"] == "rotated" for answer in answers) for answers in race.rounds]
    assert set(winners) == {1}


def test_RL01_the_database_counts_every_round_and_accuses_nobody(race: Race, server: Server) -> None:
    database, device = server.env["DATABASE_URL"], literal(race.device)
    assert rows(database, f"SELECT counter, revoked_at FROM accounts_device WHERE id = {device}") == [(ROUNDS, None)]
    events = rows(database, f"SELECT event FROM accounts_auditevent WHERE device_id = {device}")
    assert events == [("sign_in.succeeded",)]
    assert "database is locked" not in server.log()
