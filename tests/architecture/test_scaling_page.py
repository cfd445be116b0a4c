"""docs/scaling.md does its sums with what is measured here and with the settings of the code."""

import re
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from accounts.audit.models import AuditEvent
from accounts.core.proofs import Proof
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.devices.registry import Description
from accounts.revocations import publish
from accounts.revocations.models import Revocation
from accounts.signin.complete import complete
from accounts.signin.entry import Entry
from accounts.tokens import pair
from accounts.users.models import User
from tests.support.app import App

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "scaling.md").read_text()
ROWS = 1000
SOURCE = Source("203.0.113.7", "Example/1.0 (iPhone; iOS 19.1) App/4.2", "0123456789abcdef01234567")


def stated(name: str) -> list[int]:
    """The figures in the line of the page that begins with this name."""
    line = re.search(rf"^\| {re.escape(name)} \|(.*)\|$", PAGE, re.MULTILINE)
    assert line, f"docs/scaling.md has no line for {name}"
    return [int(cell.replace(",", "")) for cell in re.findall(r"\d[\d,]*", line[1])]


def size(table: str) -> int:
    """Bytes of a table and its indexes, without what older rows have left behind."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            names = "SELECT name FROM sqlite_master WHERE tbl_name = %s"
            cursor.execute(f"SELECT SUM(pgsize) FROM dbstat WHERE name IN ({names})", [table])
        else:
            cursor.execute(f"CREATE TEMP TABLE measured (LIKE {table} INCLUDING ALL)")
            cursor.execute(f"INSERT INTO measured SELECT * FROM {table}")
            cursor.execute("SELECT pg_total_relation_size('measured')")
        [(found,)] = cursor.fetchall()
        if connection.vendor != "sqlite":
            cursor.execute("DROP TABLE measured")
    return int(found)


def sign_in(user: User) -> Device:
    proof = Proof(user_id=user.id, amr=("pwd",), acr="aal1", auth_time=int(time.time()), epoch=user.epoch)
    return complete(proof, Entry(SOURCE, description=Description("Alice's phone", "iOS 19.1")))[1]


@pytest.mark.slow
@pytest.mark.both_databases
@pytest.mark.parametrize("model", [Device, AuditEvent, Revocation], ids=lambda model: model.__name__)
def test_a_row_takes_what_the_page_says(alice: User, model: type[Device | AuditEvent | Revocation]) -> None:
    before = size(model._meta.db_table)
    devices = [sign_in(alice) for _ in range(ROWS)]
    for device in devices:
        publish.device_ended(device.id)
    bytes_each = (size(model._meta.db_table) - before) / ROWS
    on_sqlite, on_postgresql = stated(f"`{model._meta.db_table}`")
    assert bytes_each == pytest.approx(on_sqlite if connection.vendor == "sqlite" else on_postgresql, rel=0.15)


def test_tokens_have_the_length_that_the_page_says(app: App) -> None:
    assert [len(app.refresh)] == stated("refresh token")
    assert len(app.access) == pytest.approx(stated("access token of somebody without permissions")[0], rel=0.05)


def test_a_refresh_adds_no_row(app: App) -> None:
    before = [model.objects.count() for model in (Device, AuditEvent, Revocation)]
    for _ in range(20):
        app.rotate()
    assert [model.objects.count() for model in (Device, AuditEvent, Revocation)] == before


def test_page_uses_the_settings_of_the_code(alice: User) -> None:
    publish.device_ended(sign_in(alice).id)
    row = Revocation.objects.get(kind=Revocation.Kind.DEVICE)
    life = settings.ACCESS_TOKEN_LIFETIME.total_seconds()
    assert stated("life of an access token (s)") == [life]
    assert row.expires_at - time.time() == pytest.approx(stated("life of a row of the feed (s)")[0], abs=3)
    assert stated("life of a device (days)") == [settings.REFRESH_ABSOLUTE_LIFETIME.days]
    assert pair.without_tokens(Device.objects.get(), "profile:read")["expires_in"] == life


def test_sums_of_the_page_are_right() -> None:
    [life] = stated("life of an access token (s)")
    [_, device_bytes] = stated("`accounts_device`")
    [rows] = stated("rows of devices")
    assert stated("refreshes a day") == [10_000_000 * 3600 // life]
    assert stated("refreshes a second, evenly") == [round(10_000_000 * 3600 / life / 86_400)]
    assert rows == 100_000_000 * 2
    assert stated("bytes of devices (GB)") == [round(rows * device_bytes / 10**9)]
    [feed_life] = stated("life of a row of the feed (s)")
    assert stated("entries in memory at 100 endings a second") == [100 * feed_life]
