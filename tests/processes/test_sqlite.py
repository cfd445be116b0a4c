"""What an acknowledged change rests on, read from the connection that the product opens itself."""

import json

import pytest

from tests.support.server import Server

from .tables import is_sqlite

pytestmark = pytest.mark.processes
_PRAGMAS = """
import json
from django.db import connection
with connection.cursor() as cursor:
    names = ("synchronous", "journal_mode", "busy_timeout", "foreign_keys")
    print(json.dumps([cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in names]))
print(json.dumps(connection.settings_dict["OPTIONS"]["transaction_mode"]))
"""


def test_sqlite_survives_a_power_cut_and_waits_for_its_writer(server: Server) -> None:
    if not is_sqlite(server.env["DATABASE_URL"]):
        pytest.skip("the run is for PostgreSQL")
    pragmas, mode = [json.loads(line) for line in server.manage("shell", "--no-imports", "-c", _PRAGMAS).splitlines()]
    full = 2
    assert pragmas == [full, "wal", 10_000, 1]
    assert mode == "IMMEDIATE"
