"""Key events go by the database's clock, and another algorithm's first key waits like any other (SECURITY K-06, K-11)."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.core.clock import database_now
from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support import forge
from tests.support.app import App
from tests.support.keys import age, ripen
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db
State = SigningKey.State
ALGORITHMS = ["Ed25519", "RS256"]


@pytest.fixture(params=[-7200, 7200], ids=["two hours slow", "two hours fast"])
def wrong_clock(db: None, request: pytest.FixtureRequest) -> Iterator[None]:
    """Of this host, not of the database."""
    with time_machine.travel(timezone.now() + timedelta(seconds=request.param)):
        yield


@pytest.mark.both_databases
def test_K11_wrong_clock_makes_no_key_ripe_or_late(wrong_clock: None) -> None:
    with pytest.raises(rotation.NotRipe):
        rotation.rotate("ES256")
    ripen()
    assert rotation.rotate("ES256").activated


@pytest.mark.both_databases
def test_K11_wrong_clock_destroys_no_key_early_or_late(wrong_clock: None) -> None:
    ripen()
    rotation.rotate("ES256")
    assert not rotation.destroy_expired()
    age(timedelta(seconds=661))
    assert len(rotation.destroy_expired().gone) == 1


@pytest.mark.both_databases
def test_K11_stamps_are_the_databases(wrong_clock: None) -> None:
    ripen()
    report = rotation.rotate("ES256")
    stamps = [
        SigningKey.objects.get(kid=report.activated[0]).activated_at,
        SigningKey.objects.get(kid=report.retired[0]).retired_at,
        SigningKey.objects.get(kid=report.published[0]).published_at,
    ]
    assert all(stamp and abs(database_now() - stamp) < timedelta(minutes=1) for stamp in stamps)
    assert abs(database_now() - timezone.now()) > timedelta(hours=1)


def signing_algorithm(user: User) -> str:
    news_is_due()
    return str(forge.opened(signed_in(user).access)[0]["alg"])


def published() -> list[str]:
    news_is_due()
    return sorted(key["alg"] for key in Client().get("/.well-known/jwks.json").json()["keys"])


def verified(app: App) -> int:
    return app.post("/auth/token/verify/", {"token": app.access}).status_code


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_K06_first_key_of_another_algorithm_is_published_before_it_signs(alice: User, settings: Settings, algorithm: str) -> None:
    assert signing_algorithm(alice) == "ES256"
    settings.ACCESS_TOKEN_ALGORITHM = algorithm
    rotation.ensure(algorithm)
    assert published() == sorted(["ES256", "ES256", algorithm])
    assert not rotation.rotate_if_due(algorithm)
    assert signing_algorithm(alice) == "ES256"
    assert Client().get("/readyz").json()["checks"]["keys"] == "ok"
    ripen()
    assert rotation.rotate_if_due(algorithm).activated
    assert signing_algorithm(alice) == algorithm
    assert not rotation.rotate_if_due(algorithm)


def test_K05_token_of_the_old_algorithm_outlives_the_change(alice: User, settings: Settings) -> None:
    app = signed_in(alice)
    settings.ACCESS_TOKEN_ALGORITHM = "Ed25519"
    rotation.ensure("Ed25519")
    ripen()
    rotation.rotate_if_due("Ed25519")
    assert verified(app) == 200
    assert set(SigningKey.objects.filter(algorithm="ES256").values_list("state", flat=True)) == {State.RETIRED}
    age(timedelta(seconds=661))
    rotation.rotate_if_due("Ed25519")
    assert published() == ["Ed25519", "Ed25519"]


def test_K07_key_pulled_during_the_change_leaves_a_signer(alice: User, settings: Settings) -> None:
    settings.ACCESS_TOKEN_ALGORITHM = "Ed25519"
    rotation.ensure("Ed25519")
    rotation.pull(forge.active_key().kid)
    assert signing_algorithm(alice) == "ES256"
    ripen()
    rotation.rotate_if_due("Ed25519")
    assert signing_algorithm(alice) == "Ed25519"
