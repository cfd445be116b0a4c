"""A database whose driver counts rows oddly is refused before anything depends on it (SECURITY R-28, RL-26)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from accounts.core.models import Counter, Gate
from accounts.core.self_test import RowsAreMiscounted, prove_gates
from project import health
from tests.project.environments import production, run
from tests.support.ports import free_port

MATCHED_INSTEAD_OF_CHANGED = {
    "INSERT … DO NOTHING": "INSERT INTO accounts_gate",
    "compare-and-swap": "UPDATE",
    "upsert with a condition": "INSERT INTO accounts_counter (key, attempts",
}


class Miscounting:
    """A cursor that says 1 row for every statement that begins like this, whatever happened."""

    def __init__(self, inner: Any, begin: str) -> None:
        self._inner, self._begin, self._lies = inner, begin, False

    def execute(self, sql: str, *arguments: Any) -> Any:
        self._lies = sql.strip().startswith(self._begin)
        return self._inner.execute(sql, *arguments)

    @property
    def rowcount(self) -> int:
        return 1 if self._lies else self._inner.rowcount

    def __enter__(self) -> "Miscounting":
        return self

    def __exit__(self, *error: object) -> None:
        self._inner.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextmanager
def miscounting(monkeypatch: pytest.MonkeyPatch, begin: str) -> Iterator[None]:
    honest = connection.cursor
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", lambda *arguments: Miscounting(honest(*arguments), begin))
        yield


@pytest.mark.both_databases
@pytest.mark.django_db
@pytest.mark.parametrize("kind", MATCHED_INSTEAD_OF_CHANGED)
def test_R28_each_kind_of_odd_count_is_found(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    prove_gates()
    with miscounting(monkeypatch, MATCHED_INSTEAD_OF_CHANGED[kind]), pytest.raises(RowsAreMiscounted, match=kind[:6]):
        prove_gates()
    prove_gates()


@pytest.mark.both_databases
@pytest.mark.django_db
def test_R28_the_proof_leaves_nothing_behind_even_when_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    with miscounting(monkeypatch, "UPDATE"), pytest.raises(RowsAreMiscounted):
        prove_gates()
    assert not Gate.objects.filter(key__startswith="self-test").exists()
    assert not Counter.objects.filter(key__contains="self-test").exists()


@pytest.mark.django_db
def test_R28_RL26_prepare_refuses_such_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    with miscounting(monkeypatch, "UPDATE"), pytest.raises(CommandError, match="cannot run on this database"):
        call_command("prepare")


@pytest.mark.django_db
def test_R28_RL26_a_process_on_such_a_database_is_never_ready(monkeypatch: pytest.MonkeyPatch, client: Client) -> None:
    health.forget()
    with miscounting(monkeypatch, "UPDATE"):
        answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["gates"]) == (503, "failing")
    health.forget()
    assert client.get("/readyz").json()["checks"]["gates"] == "ok"


@pytest.mark.processes
@pytest.mark.slow
@pytest.mark.parametrize("command", [["prepare"], ["serve", "--without-worker"], ["worker"], ["worker", "--once"]], ids=" ".join)
def test_R28_nothing_starts_on_such_a_database(tmp_path: Path, command: list[str]) -> None:
    env = production(tmp_path, PUBLIC_URL="http://127.0.0.1", PORT=str(free_port()))
    assert run(env, "manage.py", "prepare", "--migrate", "-v0").returncode == 0
    (tmp_path / "odd.py").write_text(
        'from project.settings import *\nDATABASES["default"]["ENGINE"] = "tests.support.miscounting"\n'
        'STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}\n'
    )
    result = run({**env, "DJANGO_SETTINGS_MODULE": "odd", "PYTHONPATH": str(tmp_path)}, "manage.py", *command)
    assert result.returncode == 1
    assert "Signet cannot run on this database. compare-and-swap answered [True, True]" in result.stderr
