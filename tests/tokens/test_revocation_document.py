"""/.well-known/revocations: what services must refuse, signed, within a second (SECURITY V-01 to V-05)."""

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.devices.models import Device
from accounts.keys import rotation
from accounts.keys.models import SigningKey
from accounts.revocations import feed, publish
from accounts.revocations.models import Revocation
from accounts.tokens import jose, revocation_document
from accounts.tokens.claims import Claims
from accounts.users.models import User
from tests.support import forge
from tests.support.acceptors import Acceptor
from tests.support.app import App
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db
PATH = "/.well-known/revocations"


def get(**headers: str) -> HttpResponse:
    return Client().get(PATH, headers=headers)


def verified(answer: HttpResponse) -> Claims:
    assert answer.status_code == 200, answer.content
    return jose.verify(answer.content.decode(), typ="revocations+jwt", purposes={"access"})


def revoked() -> dict[str, dict[str, int]]:
    """As a service would read it a second later."""
    news_is_due()
    return verified(get())["revoked"]


def test_V01_document_says_whose_and_when_it_is(db: None) -> None:
    began = int(time.time())
    claims = verified(get())
    assert set(claims) == {"iss", "iat", "exp", "revoked"}
    assert claims["iss"] == settings.PUBLIC_URL
    assert began <= claims["iat"] <= time.time()
    assert claims["exp"] == claims["iat"] + 60


def test_V01_device_that_was_signed_out_is_in_it(app: App, bobs_app: App) -> None:
    assert revoked()["sid"] == {}
    assert app.post("/auth/token/revoke/", {"refresh": app.refresh}).status_code == 204
    assert revoked()["sid"] == {app.device: 0}


def test_V01_older_proofs_of_a_device_are_in_it(app: App) -> None:
    device = Device.objects.get(id=app.device)
    publish.device_stale(device.id, device.auth_time + 1)
    assert revoked()["sid-stale"] == {app.device: device.auth_time + 1}


def test_V01_people_who_changed_are_in_it_with_their_epoch(alice: User, bob: User) -> None:
    publish.users_stale([alice.id])
    assert revoked()["sub"] == {str(alice.id): 2}


def test_V01_pulled_key_is_in_it_and_its_successor_signs(app: App) -> None:
    before = forge.active_key().kid
    assert verified(get()).kid == before
    rotation.pull(before)
    news_is_due()
    claims = verified(get())
    assert claims["revoked"]["kid"] == {before: 0}
    assert claims.kid == forge.active_key().kid != before


def test_V01_what_no_living_token_can_match_leaves_it(app: App) -> None:
    with time_machine.travel(int(time.time()), tick=False) as clock:
        publish.device_ended(uuid.UUID(app.device))
        clock.shift(Revocation.objects.get(kind="sid").expires_at - int(time.time()))
        assert app.device in revoked()["sid"]
        clock.shift(1)
        assert revoked()["sid"] == {}


def test_V01_every_kind_of_the_feed_is_in_it_but_news_of_keys(db: None) -> None:
    """A kind that comes to the feed comes to the document; write it into docs/verifying-tokens.md and the verifiers."""
    assert set(revoked()) == set(Revocation.Kind.values) - {"keys"}
    assert set(revoked()) <= {"sid", "sid-stale", "sub", "kid", "client"}


def test_V01_ending_of_another_process_is_in_it_within_a_second(app: App) -> None:
    verified(get())
    Revocation.objects.create(kind="sid", value=app.device, expires_at=int(time.time()) + 900)
    feed._state.asked_at -= feed.POLL_INTERVAL
    feed._state.fresh_at -= feed.POLL_INTERVAL
    assert verified(get())["revoked"]["sid"] == {app.device: 0}


@pytest.fixture
def no_database() -> Iterator[None]:
    def away(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        raise OperationalError("away")

    with connection.execute_wrapper(away):
        yield


def test_V02_process_that_is_behind_gives_no_document(db: None, request: pytest.FixtureRequest) -> None:
    assert get().status_code == 200
    request.getfixturevalue("no_database")
    feed._state.fresh_at -= 2.0
    answer = get()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "ETag" not in answer.headers


def test_V02_process_that_never_heard_anything_gives_no_document(db: None, no_database: None) -> None:
    assert get().status_code == 503


def test_V02_document_is_renewed_long_before_it_runs_out(db: None) -> None:
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        first = get()
        for _ in range(4):
            clock.shift(10)
            news_is_due()
            latest = get()
            assert verified(latest)["exp"] >= time.time() + revocation_document.LIFETIME / 2
        assert latest["ETag"] != first["ETag"]


def test_V03_document_is_no_access_token(bearer: Acceptor) -> None:
    bearer.assert_refuses([get().content.decode()])


def test_V03_document_has_a_type_of_its_own(app: App) -> None:
    header, _, _ = forge.opened(get().content.decode())
    assert header == {"alg": "ES256", "kid": forge.active_key().kid, "typ": "revocations+jwt"}
    assert forge.opened(app.access)[0]["typ"] != header["typ"]


def test_V04_document_holds_opaque_ids_and_numbers_alone(app: App, alice: User, bob: User) -> None:
    assert app.post("/auth/token/revoke/", {"refresh": app.refresh}).status_code == 204
    publish.users_stale([alice.id, bob.id])
    publish.device_stale(uuid.uuid4(), 5)
    rotation.pull(forge.active_key().kid)
    found = revoked()
    assert all(found[kind] for kind in ("sid", "sid-stale", "sub", "kid"))
    assert {str(uuid.UUID(value)) for kind in ("sid", "sid-stale", "sub") for value in found[kind]} == {
        value for kind in ("sid", "sid-stale", "sub") for value in found[kind]
    }
    assert set(found["kid"]) == set(SigningKey.objects.filter(state="gone").values_list("kid", flat=True))
    assert {type(mark) for named in found.values() for mark in named.values()} == {int}


def test_V05_unchanged_document_is_304(app: App) -> None:
    tag = get()["ETag"]
    for presented in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
        again = get(**{"If-None-Match": presented})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    publish.device_ended(uuid.UUID(app.device))
    news_is_due()
    changed = get(**{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed["ETag"] != tag


def test_V05_processes_that_know_the_same_give_the_same_tag(app: App) -> None:
    for _ in range(3):
        publish.device_ended(uuid.uuid4())
    news_is_due()
    with time_machine.travel(int(time.time()), tick=False):
        first = get()
        feed.forget()
        revocation_document._held = revocation_document._Held()
        second = get()
    assert first.content != second.content
    assert first["ETag"] == second["ETag"]


def test_V05_requests_cost_no_query_beyond_the_look_of_the_feed(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with time_machine.travel(int(time.time()), tick=False):
        first = get().content
        with django_assert_num_queries(0):
            assert {get().content for _ in range(20)} == {first}
        news_is_due()
        with django_assert_num_queries(1):
            assert {get().content for _ in range(20)} == {first}


def test_document_is_open_to_every_origin_for_a_second(db: None) -> None:
    for answer in (get(Origin="https://notes.example"), get(**{"If-None-Match": get()["ETag"]})):
        assert answer["Cache-Control"] == "public, max-age=1"
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert get()["Content-Type"] == "application/jwt"


def test_document_is_only_read(db: None) -> None:
    assert Client().head(PATH).status_code == 200
    for method in ("post", "put", "patch", "delete"):
        assert getattr(Client(), method)(PATH).status_code == 405
