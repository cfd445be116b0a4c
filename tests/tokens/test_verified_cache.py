"""The cache of verified tokens must not know more than the token says (SECURITY J-24)."""

import sys
import threading
import time
from collections.abc import Iterator

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from accounts.devices.models import Device
from accounts.keys import ring, rotation
from accounts.revocations import publish
from accounts.tokens import access
from accounts.tokens.cache import VerifiedCache
from tests.support import forge
from tests.support.acceptors import Acceptor
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db


def test_J24_other_signature_on_known_claims_is_refused(bearer: Acceptor) -> None:
    token = bearer.genuine()
    bearer.assert_takes_genuine()
    assert len(access._cache) == 1
    flipped = bytearray(forge.unb64(token.rpartition(".")[2]))
    flipped[7] ^= 1
    bearer.assert_refuses(
        [f"{token.rpartition('.')[0]}.{forge.b64(bytes(flipped))}", f"{token.rpartition('.')[0]}.{forge.b64(b's' * 64)}"]
    )


def test_J24_entry_dies_with_its_token(bearer: Acceptor) -> None:
    with time_machine.travel(time.time(), tick=False) as clock:
        bearer.app.rotate()
        bearer.assert_takes_genuine()
        clock.shift(599)
        bearer.assert_takes_genuine()
        clock.shift(1)
        answer = bearer.present(bearer.genuine())
        assert (answer.status_code, answer.json()["code"]) == (401, "token_expired")


def test_J24_pulled_key_ends_a_cached_token(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    rotation.pull(forge.active_key().kid)
    news_is_due()
    assert bearer.present(bearer.genuine()).status_code == 401
    bearer.app.rotate()
    bearer.assert_takes_genuine()


def test_J24_ended_device_ends_a_cached_token(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    publish.device_ended(Device.objects.get(id=bearer.app.device).id)
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "device_revoked"


def test_J24_raised_epoch_ends_a_cached_token(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    publish.users_stale([Device.objects.get(id=bearer.app.device).user_id])
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "token_stale"
    bearer.app.rotate()
    bearer.assert_takes_genuine()


def test_J24_other_keys_empty_the_cache(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    ring.reload()
    assert len(access._cache) == 1
    rotation.pull(forge.active_key().kid)
    ring.reload()
    assert len(access._cache) == 0


def test_J24_refused_tokens_are_not_kept(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    for number in range(200):
        assert not bearer.takes(bearer.signed(claims={"x": number}))
    assert len(access._cache) == 1


def test_J24_cache_is_bounded() -> None:
    cache: VerifiedCache[int] = VerifiedCache(size=1_000)
    for number in range(100_000):
        cache.put(f"token {number}", number)
    assert 900 <= len(cache) <= 1_000
    assert cache.get("token 99999") == 99_999
    assert cache.get("token 1") is None


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """The interpreter changes threads at every chance it gets."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_J24_full_cache_is_safe_for_threads(hasty_threads: None) -> None:
    cache: VerifiedCache[int] = VerifiedCache(size=3)
    failures: list[BaseException] = []

    def fill(name: int) -> None:
        try:
            for number in range(20_000):
                cache.put(f"{name} {number}", number)
        except RuntimeError as error:
            failures.append(error)

    threads = [threading.Thread(target=fill, args=(name,)) for name in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(cache) <= 3 + len(threads)


def test_J24_a_hit_costs_no_query_and_no_signature_check(
    bearer: Acceptor, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bearer.assert_takes_genuine()
    with django_assert_num_queries(0):
        assert access.verify(bearer.genuine()) is access.verify(bearer.genuine())
        bearer.assert_takes_genuine()
