"""The feed: read at most once a second, complete, and closed when it cannot be read (SECURITY R-23, R-26, K-07)."""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import InterfaceError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.core.clock import now
from accounts.core.errors import DeviceRevoked, TokenStale, Unavailable
from accounts.devices.models import Device
from accounts.revocations import feed, publish
from accounts.revocations.models import Revocation
from accounts.tokens import sealed
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.news import news_is_due

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]
TOKEN = {"kid": "k", "sid": str(uuid.UUID(int=1)), "sub": str(uuid.UUID(int=2)), "epoch": 1, "auth_time": 1}


@pytest.fixture
def bearer(settings: Settings, alice: User) -> Acceptor:
    settings.ROOT_URLCONF = "tests.support.guarded"
    return ACCEPTORS["bearer"](signed_in(alice))


def test_asked_once_a_second_at_most(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    feed.refuse_revoked(**TOKEN)
    with django_assert_num_queries(0):
        for _ in range(1_000):
            feed.refuse_revoked(**TOKEN)
    news_is_due()
    with django_assert_num_queries(1):
        for _ in range(1_000):
            feed.refuse_revoked(**TOKEN)


def test_news_of_another_process_are_heard_at_the_next_look(db: None) -> None:
    feed.refuse_revoked(**TOKEN)
    publish.device_ended(uuid.UUID(int=1))
    feed.refuse_revoked(**TOKEN)
    news_is_due()
    with pytest.raises(DeviceRevoked):
        feed.refuse_revoked(**TOKEN)


def test_R25_a_process_that_starts_knows_what_was_revoked_before(db: None) -> None:
    publish.device_ended(uuid.UUID(int=1))
    feed.forget()
    with pytest.raises(DeviceRevoked):
        feed.refuse_revoked(**TOKEN)


@pytest.mark.django_db(transaction=True)
def test_own_change_is_known_at_commit_and_not_before(transactional_db: None) -> None:
    feed.refuse_revoked(**TOKEN)
    publish.device_ended(uuid.UUID(int=1))
    with pytest.raises(DeviceRevoked):
        feed.refuse_revoked(**TOKEN)


def test_R26_step_up_outdates_older_tokens_of_the_device(bearer: Acceptor, alice: User) -> None:
    device = Device.objects.get(id=bearer.app.device)
    publish.device_stale(device.id, device.auth_time)
    news_is_due()
    bearer.assert_takes_genuine()
    publish.device_stale(device.id, device.auth_time + 1)
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "token_stale"
    Device.objects.filter(id=device.id).update(auth_time=device.auth_time + 1)
    bearer.app.rotate()
    bearer.assert_takes_genuine()


def test_R26_other_devices_stay_fresh(bearer: Acceptor, alice: User) -> None:
    other = ACCEPTORS["bearer"](signed_in(alice))
    publish.device_stale(uuid.UUID(bearer.app.device), now() + 60)
    news_is_due()
    assert not bearer.takes(bearer.genuine())
    other.assert_takes_genuine()


def test_role_change_is_enforced_exactly(bearer: Acceptor, alice: User) -> None:
    """Stale: refresh; the new token has the new epoch and is taken."""
    publish.users_stale([alice.id])
    news_is_due()
    answer = bearer.present(bearer.genuine())
    assert (answer.status_code, answer.json()["code"]) == (401, "token_stale")
    bearer.app.rotate()
    bearer.assert_takes_genuine()
    assert forge.opened(bearer.genuine())[1]["epoch"] == 2


def test_many_people_go_stale_in_few_statements(db: None) -> None:
    people = User.objects.bulk_create(User(email=f"{number}@example.com") for number in range(50))
    with CaptureQueriesContext(connection) as queries:
        publish.users_stale([user.id for user in people])
    assert len(queries) < 10
    assert set(User.objects.values_list("epoch", flat=True)) == {2}
    assert Revocation.objects.filter(kind="sub", not_before=2).count() == 50


@pytest.fixture
def no_database() -> Iterator[None]:
    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise (OperationalError if len(sql) % 2 else InterfaceError)("away")

    with connection.execute_wrapper(away):
        yield


def test_outage_within_the_budget_is_served_from_what_is_known(bearer: Acceptor, request: pytest.FixtureRequest) -> None:
    bearer.assert_takes_genuine()
    request.getfixturevalue("no_database")
    news_is_due()
    bearer.assert_takes_genuine()


def test_outage_does_not_bring_a_revoked_token_back(bearer: Acceptor, request: pytest.FixtureRequest) -> None:
    bearer.assert_takes_genuine()
    publish.device_ended(uuid.UUID(bearer.app.device))
    news_is_due()
    assert not bearer.takes(bearer.genuine())
    request.getfixturevalue("no_database")
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "device_revoked"


def test_outage_beyond_the_budget_fails_closed(bearer: Acceptor, settings: Settings, request: pytest.FixtureRequest) -> None:
    bearer.assert_takes_genuine()
    request.getfixturevalue("no_database")
    news_is_due()
    feed._state.fresh_at -= settings.FEED_STALE_BUDGET.total_seconds()
    answer = bearer.present(bearer.genuine())
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "5")


def test_process_that_never_read_the_feed_serves_nobody(no_database: None) -> None:
    with pytest.raises(Unavailable):
        feed.refuse_revoked(**TOKEN)


def test_feed_heals_without_a_restart(bearer: Acceptor, settings: Settings) -> None:
    bearer.assert_takes_genuine()
    feed._state.fresh_at -= 100
    news_is_due()
    bearer.assert_takes_genuine()
    assert feed.age() < settings.FEED_STALE_BUDGET.total_seconds()


def test_rows_are_swept_when_nothing_living_can_match_them(db: None, settings: Settings) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        Revocation.objects.all().delete()
        publish.device_ended(uuid.UUID(int=1))
        clock.shift(settings.ACCESS_TOKEN_LIFETIME.total_seconds() + 300)
        assert feed.sweep() == 0
        clock.shift(1)
        assert feed.sweep() == 1


@pytest.mark.parametrize("minutes", [1, 5, 10, 60])
def test_rows_outlive_every_kind_of_grant(db: None, settings: Settings, minutes: int) -> None:
    settings.ACCESS_TOKEN_LIFETIME = timedelta(minutes=minutes)
    publish.device_ended(uuid.UUID(int=1))
    longest = max(minutes * 60, sealed.COOKIE.lifetime, sealed.DOWNLOAD_LINK.lifetime)
    assert Revocation.objects.get(kind="sid").expires_at >= now() + longest


def test_R18_short_access_tokens_do_not_revive_a_cookie(bearer: Acceptor, settings: Settings) -> None:
    """The cookie is trusted for ten minutes, whatever the access token's life is."""
    settings.ACCESS_TOKEN_LIFETIME = timedelta(minutes=1)
    cookie = ACCEPTORS["cookie"](bearer.app)
    with time_machine.travel(int(time.time()), tick=False) as clock:
        token = cookie.genuine()
        assert cookie.takes(token)
        publish.device_ended(uuid.UUID(forge.opened(token)[1]["sid"]))
        Device.objects.filter(id=forge.opened(token)[1]["sid"]).update(revoked_at="2026-01-01T00:00:00Z")
        for _ in range(9):
            clock.shift(60)
            feed.sweep()
            news_is_due()
            assert not cookie.takes(token)


def test_epoch_marks_compare_with_the_epoch_alone(db: None) -> None:
    publish._write([(Revocation.Kind.USER, TOKEN["sub"], 1)])
    feed.refuse_revoked(**TOKEN)
    publish._write([(Revocation.Kind.USER, TOKEN["sub"], 2)])
    news_is_due()
    with pytest.raises(TokenStale):
        feed.refuse_revoked(**TOKEN)
    feed.refuse_revoked(**{**TOKEN, "epoch": 2})
