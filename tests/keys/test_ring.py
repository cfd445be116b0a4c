"""The ring of this process: bad rows, unknown names, news from other processes (SECURITY K-07, K-12 to K-14)."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.db import OperationalError, connection
from django.db.models import F
from django.db.models.signals import post_init
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.core.errors import Unavailable
from accounts.keys import material, ring, rotation
from accounts.keys.models import SigningKey
from accounts.revocations import feed
from accounts.tokens import access
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db
State = SigningKey.State


@pytest.fixture
def bearer(settings: Settings, alice: User) -> Acceptor:
    settings.ROOT_URLCONF = "tests.support.guarded"
    return ACCEPTORS["bearer"](signed_in(alice))


def ruined(row: SigningKey) -> dict[str, dict[str, Any]]:
    """Rows that a broken migration, a bad restore or an intruder might leave."""
    other = material.encrypted_record(ec.generate_private_key(ec.SECP256R1()), "access", "ES256", State.RETIRED)
    jwk = row.public_jwk
    return {
        "not an object": {"public_jwk": []},
        "text": {"public_jwk": "jwk"},
        "nothing": {"public_jwk": {}},
        "numbers for text": {"public_jwk": {**jwk, "x": 1, "y": 2}},
        "no base64": {"public_jwk": {**jwk, "x": "§§§"}},
        "other type": {"public_jwk": {**jwk, "kty": "oct", "k": "AAAA"}},
        "off the curve": {"public_jwk": {**jwk, "x": jwk["y"], "y": jwk["x"]}},
        "another key's": {"public_jwk": {**other.public_jwk, "kid": row.kid}},
        "unknown algorithm": {"algorithm": "XX999"},
        "wrong algorithm": {"algorithm": "RS256"},
    }


@pytest.mark.parametrize("fault", list(ruined(SigningKey(kid="k", public_jwk={"x": "", "y": ""}))))
def test_K12_one_ruined_row_blinds_nobody_to_the_others(bearer: Acceptor, caplog: pytest.LogCaptureFixture, fault: str) -> None:
    victim = SigningKey.objects.get(state=State.NEXT)
    SigningKey.objects.filter(kid=victim.kid).update(**ruined(victim)[fault])
    ring.forget()
    bearer.assert_takes_genuine()
    bearer.app.rotate()
    bearer.assert_takes_genuine()
    assert victim.kid not in ring.current().verifying
    assert "signing_key.unusable" in caplog.text


@pytest.mark.parametrize(
    "ciphertext", ["", "v1", "v1.x.y", "v1.00000000.AAAA", "v2.{id}.AAAA", "v1.{id}.", "v1.{id}.AAAA", "-----BEGIN"]
)
def test_K12_ruined_private_half_signs_nothing_and_what_it_signed_is_taken(bearer: Acceptor, ciphertext: str) -> None:
    row = forge.active_key()
    text = ciphertext.format(id=row.private_key_encrypted.split(".")[1])
    SigningKey.objects.filter(kid=row.kid).update(private_key_encrypted=text)
    ring.forget()
    access.forget()
    bearer.assert_takes_genuine()
    assert bearer.app.rotate().status_code == 503
    assert SigningKey.objects.get(state=State.NEXT).kid in ring.current().verifying
    assert row.kid in Client().get("/.well-known/jwks.json").content.decode()


def test_K14_kid_is_the_thumbprint_recomputed(bearer: Acceptor) -> None:
    row = forge.active_key()
    jwk = row.public_jwk
    assert material.thumbprint({name: jwk[name] for name in ("crv", "kty", "x", "y")}) == row.kid == jwk["kid"]
    SigningKey.objects.filter(state=State.NEXT).update(public_jwk=jwk)
    ring.forget()
    assert set(ring.current().verifying) == {row.kid}
    SigningKey.objects.filter(state=State.NEXT).update(public_jwk={**jwk, "kid": "made-up"})
    ring.forget()
    assert set(ring.current().verifying) == {row.kid}


def test_K14_halves_that_do_not_belong_together_are_refused(db: None) -> None:
    first, second = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    material.prove_pair(first, first.public_key())
    with pytest.raises(material.UnusableKey):
        material.prove_pair(first, second.public_key())


def test_K14_private_half_of_another_key_under_this_name_is_refused(db: None) -> None:
    row = forge.active_key()
    stranger = material.encrypted_record(ec.generate_private_key(ec.SECP256R1()), "access", "ES256", State.ACTIVE)
    context = f"signing-key/{row.kid}/access/ES256"
    der = material.crypto.decrypt(stranger.private_key_encrypted, context=context.replace(row.kid, stranger.kid))
    row.private_key_encrypted = material.crypto.encrypt(der, context=context)
    with pytest.raises(material.UnusableKey):
        material.decrypted(row)


@pytest.mark.parametrize(("purpose", "taken"), [("access", True), ("id", False)])
def test_K09_only_keys_of_its_purpose_verify_a_token(bearer: Acceptor, purpose: str, taken: bool) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    row = material.encrypted_record(private, purpose, "ES256", State.RETIRED)
    row.save(force_insert=True)
    ring.forget()
    header, claims, _ = forge.opened(bearer.genuine())
    assert bearer.takes(forge.signed({**header, "kid": row.kid}, claims, forge.es256(private))) is taken


class Readings:
    """Counts how often the key table is read."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 'FROM "accounts_signingkey"' in sql
        return execute(sql, params, many, context)


@pytest.fixture
def readings() -> Iterator[Readings]:
    counted = Readings()
    with connection.execute_wrapper(counted):
        yield counted


def test_K13_made_up_names_do_not_make_us_read(bearer: Acceptor, readings: Readings) -> None:
    header, claims, _ = forge.opened(bearer.genuine())
    bearer.assert_takes_genuine()
    began, readings.count = ring._holder.loaded_at, 0
    for number in range(300):
        assert bearer.present(forge.signed({**header, "kid": f"made-up-{number}"}, claims, forge.hs(b"x"))).status_code == 401
    allowed = int(ring._holder.loaded_at - began) + 1
    assert readings.count <= allowed
    bearer.assert_takes_genuine()


def test_K13_a_new_name_is_found_within_a_second(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    fresh = ec.generate_private_key(ec.SECP256R1())
    row = material.encrypted_record(fresh, "access", "ES256", State.RETIRED)
    row.save(force_insert=True)
    header, claims, _ = forge.opened(bearer.genuine())
    token = forge.signed({**header, "kid": row.kid}, claims, forge.es256(fresh))
    assert not bearer.takes(token)
    ring._holder.loaded_at -= 1.0
    assert bearer.takes(token)


def test_K13_known_tokens_stay_known_while_strangers_knock(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    known = access.verify(bearer.genuine())
    ring._holder.loaded_at -= 1.0
    header, claims, _ = forge.opened(bearer.genuine())
    assert not bearer.takes(forge.signed({**header, "kid": "made-up"}, claims, forge.hs(b"x")))
    assert access.verify(bearer.genuine()) is known


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_K13_many_who_ask_at_once_read_once(transactional_db: None) -> None:
    ring.current()
    here, read = threading.Barrier(9), []

    def ask() -> None:
        counted = Readings()
        with connection.execute_wrapper(counted):
            here.wait()
            ring.reload()
        read.append(counted.count)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    with ring._holder.lock:
        for thread in threads:
            thread.start()
        here.wait()
        time.sleep(0.2)
    for thread in threads:
        thread.join()
    assert len(read) == 8
    assert 1 <= sum(read) <= 2


def test_K07_pulled_key_is_refused_and_its_successor_signs(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    pulled = forge.active_key().kid
    rotation.pull(pulled)
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "token_invalid"
    bearer.app.rotate()
    bearer.assert_takes_genuine()
    assert forge.opened(bearer.genuine())[0]["kid"] != pulled
    row = SigningKey.objects.get(kid=pulled)
    assert (row.state, row.private_key_encrypted) == (State.GONE, "")


def test_K07_process_that_only_signs_hears_of_a_pulled_key(bearer: Acceptor) -> None:
    """No guarded request asks the feed here: signing in must."""
    pulled = forge.active_key().kid
    assert ring.current().signers["access", "ES256"].kid == pulled
    rotation.pull(pulled)
    news_is_due()
    bearer.app.sign_in("alice@example.com")
    assert forge.opened(bearer.app.access)[0]["kid"] != pulled


def test_K07_process_that_only_publishes_hears_of_a_pulled_key(bearer: Acceptor) -> None:
    pulled = forge.active_key().kid
    assert pulled in Client().get("/.well-known/jwks.json").content.decode()
    rotation.pull(pulled)
    news_is_due()
    assert pulled not in Client().get("/.well-known/jwks.json").content.decode()


@pytest.mark.both_databases
def test_K07_process_that_was_asked_nothing_for_a_day_hears_of_a_pulled_key(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    header, claims, _ = forge.opened(bearer.genuine())
    leaked, pulled = forge.our_signer(), header["kid"]
    assert bearer.takes(forge.signed(header, claims, leaked))
    rotation.pull(pulled)
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        feed.sweep()
        news_is_due()
        moment = int(time.time())
        forged = forge.signed(header, {**claims, "iat": moment, "exp": moment + 60}, leaked)
        assert not bearer.takes(forged)
        assert pulled not in Client().get("/.well-known/jwks.json").content.decode()
        bearer.app.sign_in("alice@example.com")
        assert forge.opened(bearer.app.access)[0]["kid"] != pulled
        bearer.assert_takes_genuine()


@pytest.mark.both_databases
def test_K05_process_that_was_asked_nothing_for_a_day_hears_of_a_rotation(bearer: Acceptor) -> None:
    before = ring.current().signers["access", "ES256"].kid
    SigningKey.objects.filter(state=State.NEXT).update(published_at=F("published_at") - timedelta(days=1))
    rotation.rotate("ES256")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        feed.sweep()
        news_is_due()
        bearer.app.sign_in("alice@example.com")
        assert forge.opened(bearer.app.access)[0]["kid"] != before
        bearer.assert_takes_genuine()


def test_K07_news_during_a_reading_is_not_lost(bearer: Acceptor) -> None:
    """The key is pulled after the rows were read and before they became the ring."""
    pulled = forge.active_key().kid
    told: list[str] = []

    def pull_behind_the_reader(**_: Any) -> None:
        if not told:
            told.append(pulled)
            SigningKey.objects.filter(kid=pulled).update(state=State.GONE)
            ring.forget()

    post_init.connect(pull_behind_the_reader, sender=SigningKey)
    try:
        read = ring.reload()
    finally:
        post_init.disconnect(pull_behind_the_reader, sender=SigningKey)
    assert told
    assert pulled not in read.verifying


def test_unknown_name_during_an_outage_proves_nothing(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    header, claims, _ = forge.opened(bearer.genuine())

    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("away")

    ring._holder.loaded_at -= 1.0
    with connection.execute_wrapper(away):
        answer = bearer.present(forge.signed({**header, "kid": "never-seen"}, claims, forge.hs(b"x")))
        assert (answer.status_code, answer["Retry-After"]) == (503, "5")
        bearer.assert_takes_genuine()
    ring._holder.loaded_at -= 1.0
    assert bearer.present(forge.signed({**header, "kid": "never-seen"}, claims, forge.hs(b"x"))).status_code == 401


@contextmanager
def database_away() -> Iterator[None]:
    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        yield


def pulled_before_an_outage(bearer: Acceptor, state: str) -> str:
    """This process has the keys in memory and has heard that this one was pulled, but has not read the others anew."""
    bearer.assert_takes_genuine()
    kid = SigningKey.objects.get(state=state).kid
    rotation.pull(kid)
    news_is_due()
    feed.bring_up_to_date()
    access.forget()
    return kid


def test_RL07_keys_in_memory_verify_while_news_of_them_cannot_be_read(bearer: Acceptor) -> None:
    pulled = pulled_before_an_outage(bearer, State.NEXT)
    with database_away():
        for _ in range(3):
            bearer.assert_takes_genuine()
            access.forget()
    ring._holder.loaded_at -= 1.0
    bearer.assert_takes_genuine()
    assert pulled not in ring.current().verifying


def test_K07_pulled_key_is_refused_although_the_keys_cannot_be_read(bearer: Acceptor) -> None:
    pulled_before_an_outage(bearer, State.ACTIVE)
    with database_away():
        answer = bearer.present(bearer.genuine())
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_K07_pulled_key_is_published_no_more_although_the_keys_cannot_be_read(bearer: Acceptor) -> None:
    kept = forge.active_key().kid
    pulled = pulled_before_an_outage(bearer, State.NEXT)
    with database_away():
        answer = Client().get("/.well-known/jwks.json")
    assert answer.status_code == 200
    assert [key["kid"] for key in answer.json()["keys"]] == [kept]
    assert pulled not in answer.content.decode()


def test_older_keys_sign_nothing(bearer: Acceptor) -> None:
    pulled_before_an_outage(bearer, State.ACTIVE)
    with database_away(), pytest.raises(Unavailable):
        ring.signer("access", "ES256")
    ring._holder.loaded_at -= 1.0
    assert ring.signer("access", "ES256").kid == forge.active_key().kid


def test_K13_an_outage_is_asked_after_once_a_second(bearer: Acceptor, readings: Readings) -> None:
    pulled_before_an_outage(bearer, State.NEXT)
    with database_away():
        bearer.assert_takes_genuine()
        began, readings.count = ring._holder.loaded_at, 0
        for _ in range(50):
            access.forget()
            bearer.assert_takes_genuine()
        assert readings.count <= int(ring._holder.loaded_at - began) + 1
