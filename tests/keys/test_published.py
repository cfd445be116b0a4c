"""The JWK Set: what is in it, what is never in it, what it costs (SECURITY K-01, K-05, K-06, K-10)."""

import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.keys import material, ring, rotation
from accounts.keys.models import SigningKey
from accounts.keys.rotation import NotRipe
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support import forge
from tests.support.app import App
from tests.support.keys import age, ripen
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db
State = SigningKey.State
PUBLIC = {"kty", "kid", "use", "alg", "n", "e", "crv", "x", "y"}


def fetched(**headers: str) -> HttpResponse:
    news_is_due()
    return Client().get("/.well-known/jwks.json", headers=headers)


def kids() -> set[str]:
    return {key["kid"] for key in fetched().json()["keys"]}


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519", "RS256"])
def test_K01_only_public_members_are_published(db: None, algorithm: str) -> None:
    SigningKey.objects.all().delete()
    rotation.ensure(algorithm)
    keys = fetched().json()["keys"]
    assert len([key for key in keys if key["alg"] == algorithm]) == 2
    assert all(set(key) <= PUBLIC and key["use"] == "sig" and key["kid"] for key in keys)


def test_K01_private_members_in_the_row_are_not_published(db: None) -> None:
    row = forge.active_key()
    secret = dict.fromkeys(("d", "p", "q", "dp", "dq", "qi", "k", "oth", "x5c", "private"), "c2VjcmV0")
    SigningKey.objects.filter(kid=row.kid).update(public_jwk={**row.public_jwk, **secret})
    ring.forget()
    assert "c2VjcmV0" not in fetched().content.decode()
    assert row.kid in kids()


def test_K01_private_key_shows_nowhere_else(db: None) -> None:
    row = forge.active_key()
    private: Any = material.decrypted(row)
    scalar = private.private_numbers().private_value
    out = StringIO()
    call_command("dumpdata", "accounts.SigningKey", stdout=out)
    for text in (out.getvalue(), repr(row), str(row), json.dumps(row.public_jwk)):
        assert "PRIVATE" not in text
        assert str(scalar) not in text
        assert forge.b64(scalar.to_bytes(32, "big")) not in text
    assert row.kid in out.getvalue()


def test_K10_answer_may_be_kept_by_everybody(db: None) -> None:
    answer = fetched(Cookie="signet=stale")
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer["Content-Type"] == "application/jwk-set+json"
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.cookies


def test_K10_unchanged_set_is_not_sent_again(db: None) -> None:
    first = fetched()
    for tag in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}'):
        again = fetched(**{"If-None-Match": tag})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Cache-Control"] == first["Cache-Control"]
    assert fetched(**{"If-None-Match": '"other"'}).status_code == 200


def test_K10_tag_changes_with_the_set(db: None) -> None:
    first = fetched()["ETag"]
    rotation.pull(forge.active_key().kid)
    assert fetched(**{"If-None-Match": first}).status_code == 200


def test_K10_costs_no_query(db: None, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    fetched()
    with django_assert_num_queries(0):
        for _ in range(50):
            assert Client().get("/.well-known/jwks.json").status_code == 200


def test_K10_only_safe_methods(db: None) -> None:
    assert Client().head("/.well-known/jwks.json").status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)("/.well-known/jwks.json").status_code == 405


def test_K05_token_outlives_the_rotation(alice: User, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.support.guarded"
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        ring.forget()
        old_kid = forge.active_key().kid
        ripen()
        app = signed_in(alice)
        rotation.rotate("ES256")
        clock.shift(599)
        age(timedelta(seconds=599))
        rotation.destroy_expired()
        news_is_due()
        assert old_kid in kids()
        assert verified(app) == 200
        clock.shift(1)
        assert verified(app) == 401


def verified(app: App) -> int:
    return app.post("/auth/token/verify/", {"token": app.access}).status_code


def test_K05_retired_key_is_destroyed_when_its_last_token_is_out(db: None) -> None:
    old_kid = forge.active_key().kid
    ripen()
    rotation.rotate("ES256")
    age(timedelta(seconds=640))
    rotation.destroy_expired()
    assert SigningKey.objects.get(kid=old_kid).state == State.RETIRED
    age(timedelta(seconds=20))
    rotation.destroy_expired()
    row = SigningKey.objects.get(kid=old_kid)
    assert (row.state, row.private_key_encrypted) == (State.GONE, "")
    assert old_kid not in kids()


def test_K05_key_of_id_tokens_verifies_hints_without_its_private_half_for_as_long_as_a_sign_in_lasts(
    db: None, settings: Settings
) -> None:
    purpose = SigningKey.Purpose.ID_ES256
    old_kid = rotation.ensure("ES256", purpose).activated[0]
    ripen()
    rotation.rotate("ES256", purpose)
    age(timedelta(seconds=660))
    assert rotation.destroy_expired().unpublished == [old_kid]
    row = SigningKey.objects.get(kid=old_kid)
    assert (row.state, row.private_key_encrypted, old_kid in kids()) == (State.RETIRED, "", False)
    assert not rotation.unopenable()
    age(settings.REFRESH_ABSOLUTE_LIFETIME - timedelta(seconds=690))
    assert not rotation.destroy_expired()
    assert ring.find(old_kid) is not None
    age(timedelta(seconds=60))
    assert rotation.destroy_expired().gone == [old_kid]
    assert kids()
    assert ring.find(old_kid) is None


def test_K06_next_key_is_published_before_it_signs(db: None, settings: Settings) -> None:
    waiting = SigningKey.objects.get(state=State.NEXT)
    assert waiting.kid in kids()
    age(rotation.publication_lead() - timedelta(seconds=30))
    with pytest.raises(NotRipe):
        rotation.rotate("ES256")
    age(timedelta(seconds=30))
    rotation.rotate("ES256")
    assert forge.active_key().kid == waiting.kid
    assert rotation.publication_lead() >= 2 * settings.JWKS_MAX_AGE


def test_K06_unripe_rotation_changes_nothing(db: None) -> None:
    before = list(SigningKey.objects.values().order_by("kid"))
    out = StringIO()
    call_command("rotate_keys", stdout=out)
    assert "Nothing to do" in out.getvalue()
    assert list(SigningKey.objects.values().order_by("kid")) == before


def test_K06_worker_rotates_only_what_is_due(db: None, settings: Settings) -> None:
    first = forge.active_key().kid
    age(settings.SIGNING_KEY_LIFETIME - timedelta(seconds=30))
    assert not rotation.rotate_if_due("ES256")
    assert forge.active_key().kid == first
    age(timedelta(seconds=30))
    assert rotation.rotate_if_due("ES256")
    assert forge.active_key().kid != first
