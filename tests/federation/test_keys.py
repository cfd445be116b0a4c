"""The keys of an issuer: found by discovery that cannot be poisoned, kept when it is away, asked for no more than needed."""

import dataclasses
import threading
import time
from typing import Any

import pytest
from pytest_django import Settings

from accounts.core.errors import InvalidIdToken, Unavailable
from accounts.federation import id_token, jwks, waiting
from accounts.federation.providers import Provider
from tests.support.app import PASSWORD, App
from tests.support.issuer import Issuer, rsa_key, serving

from .conftest import Configure, SignIn, nonce_for

DISCOVERY, KEYS = "/.well-known/openid-configuration", "/keys"


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    real = time.monotonic
    monkeypatch.setattr(jwks, "time", _Clock(lambda: real() + seconds))


class _Clock:
    def __init__(self, monotonic: Any) -> None:
        self.monotonic = monotonic


def test_F03_discovery_is_asked_once(sign_in: SignIn, issuer: Issuer) -> None:
    assert {sign_in(sub=f"s{n}", email=f"s{n}@example.com").status_code for n in range(3)} == {200}
    assert issuer.paths == [DISCOVERY, KEYS]


def test_F03_pinned_keys_need_no_discovery(configure: Configure, sign_in: SignIn, issuer: Issuer) -> None:
    configure(jwks_uri=f"{issuer.url}/pinned")
    issuer.metadata = {"issuer": "https://evil.example"}
    assert sign_in().status_code == 200
    assert issuer.paths == ["/pinned"]


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"issuer": "{url}/"},
        {"jwks_uri": "http://127.0.0.2:1/keys"},
        {"jwks_uri": "https://evil.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"jwks_uri": ["{url}/keys"]},
    ],
    ids=str,
)
def test_F03_poisoned_metadata_is_refused(sign_in: SignIn, issuer: Issuer, metadata: dict[str, Any]) -> None:
    issuer.metadata = {
        name: value.format(url=issuer.url) if isinstance(value, str) else value for name, value in metadata.items()
    }
    refused = sign_in()
    assert (refused.status_code, refused.json()["code"], issuer.paths) == (503, "unavailable", [DISCOVERY])
    issuer.metadata = {}
    jwks.forget()
    assert sign_in().status_code == 200


@pytest.mark.parametrize("mode", ["redirect", "error", "large", "bomb", "not json"])
def test_F05_issuer_that_misbehaves_is_unavailable(sign_in: SignIn, issuer: Issuer, mode: str) -> None:
    issuer.mode = mode
    refused = sign_in()
    assert refused.status_code == 503
    assert int(refused["Retry-After"]) >= 1
    issuer.mode = "fine"
    jwks.forget()
    assert sign_in().status_code == 200


def test_F05_many_at_once_fetch_once(provider: Provider, issuer: Issuer) -> None:
    found: list[Any] = []
    threads = [threading.Thread(target=lambda: found.append(jwks.find(provider, issuer.key.kid))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert issuer.paths == [DISCOVERY, KEYS]
    assert len(found) == 20
    assert all(found)


@pytest.mark.slow
def test_F13_few_wait_for_one_issuer_and_the_rest_are_told_at_once(
    configure: Configure, issuer: Issuer, settings: Settings
) -> None:
    settings.SIGN_IN_CONCURRENCY, issuer.mode = 6, "silent"
    silent = configure()
    waited: list[float] = []

    def ask() -> None:
        begun = time.monotonic()
        with pytest.raises(Unavailable) as refusal:
            jwks.find(silent, "any")
        assert refusal.value.headers == {"Retry-After": "5"}
        waited.append(time.monotonic() - begun)

    threads = [threading.Thread(target=ask) for _ in range(10)]
    with serving(Issuer()) as other:
        for thread in threads:
            thread.start()
        while not issuer.paths:
            assert any(thread.is_alive() for thread in threads)
        talking = dataclasses.replace(silent, name="other", issuer=other.url)
        assert jwks.find(talking, other.key.kid)
        for thread in threads:
            thread.join()
    assert sum(seconds > 2 for seconds in waited) == 2
    assert len(waited) == 10


def test_F13_places_are_free_again(provider: Provider, issuer: Issuer, settings: Settings) -> None:
    settings.SIGN_IN_CONCURRENCY = 1
    jwks.forget()
    for _ in range(3):
        with waiting.place(provider), pytest.raises(Unavailable), waiting.place(provider):
            pass
    assert jwks.find(provider, issuer.key.kid)


def test_F05_made_up_kids_fetch_once_a_minute(provider: Provider, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [jwks.find(provider, f"made-up-{number}") for number in range(50)] == [None] * 50
    assert issuer.paths.count(KEYS) == 1
    later(monkeypatch, 61)
    assert jwks.find(provider, "made-up") is None
    assert issuer.paths.count(KEYS) == 2


def test_F13_rotated_keys_are_found(sign_in: SignIn, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sign_in().status_code == 200
    issuer.key = rsa_key("next")
    assert sign_in().json()["code"] == "invalid_id_token"
    later(monkeypatch, 61)
    assert sign_in().status_code == 200


def test_F13_keys_that_were_pulled_die_within_an_hour(sign_in: SignIn, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled = issuer.key
    assert sign_in().status_code == 200
    issuer.keys = [rsa_key("next")]
    later(monkeypatch, jwks.FRESH_FOR + 1)
    issuer.key = pulled
    assert sign_in().json()["code"] == "invalid_id_token"


def test_F13_keys_are_served_stale_for_a_day(sign_in: SignIn, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sign_in().status_code == 200
    issuer.mode = "error"
    for hours in (2, 23):
        later(monkeypatch, hours * 3600)
        assert sign_in().status_code == 200
    later(monkeypatch, 25 * 3600)
    assert sign_in().status_code == 503
    issuer.mode = "fine"
    later(monkeypatch, 25 * 3600 + 10)
    assert sign_in().status_code == 200


def test_F13_unknown_key_during_an_outage_proves_nothing(
    provider: Provider, issuer: Issuer, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert id_token.verify(provider, issuer.id_token(nonce=nonce_for()))
    issuer.mode, issuer.key = "error", rsa_key("next")
    token = issuer.id_token(nonce=nonce_for())
    with pytest.raises(InvalidIdToken):
        id_token.verify(provider, token)
    later(monkeypatch, 61)
    with pytest.raises(Unavailable):
        id_token.verify(provider, token)
    issuer.mode = "fine"
    later(monkeypatch, 130)
    assert id_token.verify(provider, token)


@pytest.mark.slow
def test_F13_silent_issuer_holds_up_nobody_for_long(sign_in: SignIn, issuer: Issuer, alice: Any) -> None:
    issuer.mode, begun = "silent", time.monotonic()
    assert sign_in().status_code == 503
    assert time.monotonic() - begun < 4.5
    begun = time.monotonic()
    assert sign_in().status_code == 503
    assert App().sign_in(alice.email, PASSWORD).status_code == 200
    assert time.monotonic() - begun < 1.5
