"""A hundred wrong passwords at once against a limit of five: at most five are hashed (SECURITY E-09)."""

from collections import Counter
from functools import partial

import pytest

from tests.support.server import Server

from .conftest import Measured, Phones
from .crowd import results, together
from .tables import rows

pytestmark = [pytest.mark.processes, pytest.mark.both_databases]
LIMIT = 5


def recorded(server: Server, outcome: str) -> int:
    counted = f"SELECT count(*) FROM accounts_auditevent WHERE event = 'sign_in.{outcome}'"
    return int(rows(server.env["DATABASE_URL"], counted)[0][0])


def test_E09_at_most_five_of_a_hundred_parallel_guesses_are_hashed(
    server: Server, person: str, phones: Phones, measured: Measured
) -> None:
    failed, throttled = recorded(server, "failed"), recorded(server, "throttled")
    guesses = [partial(phone.sign_in, person, "wrong horse") for phone in phones(server.url, 100)]
    statuses = Counter(answer.status for answer in results(together(guesses)))
    measured(f"{statuses[401]} hashed, {statuses[429]} refused before")
    assert statuses == {401: LIMIT, 429: 100 - LIMIT}
    assert recorded(server, "failed") - failed == LIMIT
    # Recorded once a minute for each counter; the turn of a minute may fall in between (SECURITY S-03).
    assert recorded(server, "throttled") - throttled in {1, 2}
