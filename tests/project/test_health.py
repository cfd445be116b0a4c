"""/healthz, /readyz and /metrics."""

import time
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.keys import ring
from accounts.keys.models import SigningKey
from accounts.revocations import feed
from project import health


@pytest.fixture(autouse=True)
def _computed_anew() -> Iterator[None]:
    health._memory.checked_at = float("-inf")
    yield
    health._memory.checked_at = float("-inf")


def test_process_says_that_it_is_alive(client: Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}


def test_ready_when_everything_is(db: None, client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()["checks"]) == {"database", "migrations", "keys", "feed", "gates"}


def test_not_ready_without_a_signing_key(db: None, client: Client) -> None:
    SigningKey.objects.all().delete()
    ring.forget()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (503, "failing")
    assert answer.json()["checks"]["keys"] != "ok"


def test_metrics_are_off_by_default(client: Client) -> None:
    assert client.get("/metrics").status_code == 404


def test_metrics_open_to_their_token_alone(db: None, client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-token-for-prometheus"
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code in {401, 404}
    answer = client.get("/metrics", headers={"Authorization": "Bearer a-token-for-prometheus"})
    assert b"signet_refreshes_total" in answer.content


def test_the_answer_is_computed_at_most_once_a_second(db: None, client: Client) -> None:
    assert client.get("/readyz").status_code == 200
    with CaptureQueriesContext(connection) as queries:
        for _ in range(20):
            client.get("/readyz")
    assert len(queries) == 0


def test_asking_again_costs_a_query_or_two(db: None, client: Client) -> None:
    client.get("/readyz")
    health._memory.checked_at = float("-inf")
    with CaptureQueriesContext(connection) as queries:
        client.get("/readyz")
    assert len(queries) <= 2


def test_not_ready_before_its_migrations_are_applied(db: None, client: Client) -> None:
    health.forget()
    recorder = MigrationRecorder(connection)
    newest = max(name for app, name in recorder.applied_migrations() if app == "accounts")
    recorder.record_unapplied("accounts", newest)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["migrations"]) == (503, "failing")
    recorder.record_applied("accounts", newest)
    health.forget()
    assert client.get("/readyz").status_code == 200


def test_ready_on_a_database_that_a_newer_release_has_migrated(db: None, client: Client) -> None:
    health.forget()
    MigrationRecorder(connection).record_applied("accounts", "9999_from_the_next_release")
    assert client.get("/readyz").status_code == 200


def test_not_ready_while_the_database_is_away_and_says_no_more_than_that(
    db: None, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: object) -> None:
        raise OperationalError("connection to server at 10.1.2.3 failed: password authentication failed")

    assert client.get("/readyz").status_code == 200
    health._memory.checked_at = float("-inf")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "cursor", away)
        answer = client.get("/readyz")
        alive = client.get("/healthz")
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "failing")
    assert set(answer.json()["checks"].values()) <= {"ok", "failing"}
    assert alive.status_code == 200


def test_not_ready_with_a_feed_beyond_its_budget(db: None, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").status_code == 200
    health._memory.checked_at = float("-inf")
    # The last good reading is eleven seconds old, and nobody has been able to ask since.
    monkeypatch.setattr(feed._state, "fresh_at", time.monotonic() - 11)
    monkeypatch.setattr(feed._state, "asked_at", time.monotonic())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["checks"]["feed"]) == (503, "failing")


def test_probes_change_nothing(client: Client) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        assert client.post(path).status_code == 405
        assert "Set-Cookie" not in client.get("/healthz").headers


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "bearer a-token-for-prometheus", "Token a-token-for-prometheus"])
def test_metrics_are_not_there_for_anybody_else(client: Client, settings: Settings, given: str) -> None:
    settings.METRICS_TOKEN = "a-token-for-prometheus"
    assert client.get("/metrics", headers={"Authorization": given}).status_code == 404


def test_an_empty_token_opens_nothing(client: Client, settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
