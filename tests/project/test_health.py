"""/healthz, /readyz and /metrics."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.keys import ring
from accounts.keys.models import SigningKey
from project import health


@pytest.fixture(autouse=True)
def _computed_anew() -> Iterator[None]:
    health._memory.checked_at = 0.0
    yield
    health._memory.checked_at = 0.0


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
