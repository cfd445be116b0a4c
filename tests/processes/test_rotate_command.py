"""Twenty `manage.py rotate_keys` at once, as cron on twenty hosts would start them (SECURITY K-08)."""

from collections import Counter
from collections.abc import Iterator

import pytest

from tests.support.server import Server, running_server

from .conftest import fresh_database
from .tables import rows

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.both_databases]
STATES = "SELECT state, kid FROM accounts_signingkey WHERE purpose = 'access'"


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Not started: the database and the commands are enough."""
    folder = tmp_path_factory.mktemp("rotations")
    with running_server(folder, start=False, env={"DATABASE_URL": fresh_database(folder)}) as prepared:
        prepared.manage("shell", "-c", "from tests.support.keys import ripen; ripen()")
        yield prepared


def test_K08_of_twenty_commands_one_activates_a_key(server: Server) -> None:
    before = {kid: state for state, kid in rows(server.env["DATABASE_URL"], STATES)}
    commands = [server.spawn("rotate_keys") for _ in range(20)]
    assert [command.wait(120) for command in commands] == [0] * 20
    after = {kid: state for state, kid in rows(server.env["DATABASE_URL"], STATES)}
    assert Counter(after.values()) == {"active": 1, "next": 1, "retired": 1}
    assert {kid: after[kid] for kid in before} == {
        kid: {"active": "retired", "next": "active"}[state] for kid, state in before.items()
    }
