"""What theft sets in motion, and what it leaves alone (SECURITY R-02, R-04, R-11, R-13, R-16 to R-18)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from pytest_django import Settings
from rest_framework.request import Request

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.management.commands.worker import work
from accounts.outbox.models import OutboxMessage
from accounts.passwords import change
from accounts.revocations import publish
from accounts.signin.views.refresh import TokenRefreshView
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support import forge
from tests.support.acceptors import ACCEPTORS, Acceptor
from tests.support.app import App
from tests.support.guarded import urlpatterns as guarded_patterns
from tests.support.meanwhile import meanwhile
from tests.support.news import news_is_due

pytestmark = pytest.mark.django_db


def steal_and_replay(app: App) -> HttpResponse:
    """A thief's copy comes back after the app has rotated twice."""
    stolen = app.refresh
    app.rotate()
    app.rotate()
    return App().rotate(stolen)


def test_R02_access_tokens_of_the_dead_device_are_refused(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    steal_and_replay(bearer.app)
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "device_revoked"


def test_R02_the_thiefs_access_token_is_refused_too(bearer: Acceptor) -> None:
    thief = ACCEPTORS["bearer"](App(refresh=bearer.app.refresh))
    assert thief.app.rotate().status_code == 200
    thief.assert_takes_genuine()
    thief.app.rotate()
    bearer.app.rotate()
    news_is_due()
    assert not thief.takes(thief.genuine())


def test_theft_leaves_the_persons_other_devices_alone(guarded: None, alice: User, bobs_app: App) -> None:
    phone, tablet, browser = signed_in(alice), signed_in(alice), ACCEPTORS["cookie"](signed_in(alice))
    cookie = browser.genuine()
    steal_and_replay(phone)
    news_is_due()
    assert browser.takes(cookie)
    for other in (tablet, bobs_app):
        ACCEPTORS["bearer"](other).assert_takes_genuine()
        assert other.rotate()["X-Refresh"] == "rotated"
    assert Device.objects.exclude(revoked_at=None).count() == 1


def test_theft_is_recorded_with_who_where_and_what(app: App, alice: User) -> None:
    stolen = app.refresh
    app.rotate()
    app.rotate()
    client = Client(REMOTE_ADDR="203.0.113.9", headers={"User-Agent": "Thief/1.0", "X-Request-Id": "0123456789abcdef"})
    client.post("/auth/token/refresh/", {"refresh": stolen}, content_type="application/json")
    event = AuditEvent.objects.get(event=Event.REFRESH_TOKEN_REUSED)
    assert (event.subject_id, event.actor_id, str(event.device_id), event.outcome) == (alice.id, None, app.device, "failure")
    assert (event.address, event.user_agent, event.request_id) == ("203.0.113.9", "Thief/1.0", "0123456789abcdef")
    assert AuditEvent.objects.filter(event=Event.DEVICE_REVOKED, device_id=app.device).count() == 1


def test_theft_is_told_to_the_owner_with_a_link_to_their_devices(app: App, alice: User) -> None:
    steal_and_replay(app)
    assert OutboxMessage.objects.count() == 1
    assert work() == 1
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert "http://testserver/account/security/" in message.body
    assert "http://testserver/account/security/" in message.alternatives[0].content


def test_replaying_again_tells_nobody_twice(app: App) -> None:
    stolen = app.refresh
    steal_and_replay(app)
    for _ in range(5):
        App().rotate(stolen)
    assert OutboxMessage.objects.count() == 1
    assert AuditEvent.objects.filter(event=Event.REFRESH_TOKEN_REUSED).count() == 1


class BrokenAnswer(TokenRefreshView):
    """A refresh endpoint whose answer cannot be rendered."""

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("rendering failed")


class Urls:
    urlpatterns = [path("broken/", BrokenAnswer.as_view()), *guarded_patterns]
    handler500 = "project.errors.server_error"


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_R04_revocation_stands_when_the_answer_fails(alice: User, settings: Settings) -> None:
    settings.ROOT_URLCONF = Urls
    app = signed_in(alice)
    stolen = app.refresh
    app.rotate()
    app.rotate()
    client = Client(raise_request_exception=False)
    assert client.post("/broken/", {"refresh": stolen}, content_type="application/json").status_code == 500
    assert Device.objects.get(id=app.device).ended_because == Device.Ended.REFRESH_TOKEN_REUSED
    assert not ACCEPTORS["bearer"](app).takes(app.access)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_R04_a_request_in_a_transaction_cannot_roll_the_revocation_back(alice: User, settings: Settings) -> None:
    app = signed_in(alice)
    stolen = app.refresh
    app.rotate()
    app.rotate()
    connection.settings_dict["ATOMIC_REQUESTS"] = True
    try:
        answer = Client(raise_request_exception=False).post(
            "/auth/token/refresh/", {"refresh": stolen}, content_type="application/json"
        )
    finally:
        connection.settings_dict["ATOMIC_REQUESTS"] = False
    # Not a quiet 401 with everything rolled back: the durable transaction says that it cannot be one, and the server does not
    # start like this.
    assert answer.status_code == 500
    assert App().rotate(stolen).json()["code"] == "token_reused"


STATES: dict[str, tuple[dict[str, Any], str]] = {
    "disabled": ({"is_active": False}, "account_unavailable"),
    "disabled and unverified": ({"is_active": False, "email_verified_at": None}, "account_unavailable"),
    "unverified": ({"email_verified_at": None}, "email_unverified"),
}


@pytest.mark.parametrize("state", STATES)
def test_R11_refresh_asks_the_gate(app: App, alice: User, state: str) -> None:
    fields, code = STATES[state]
    assert app.rotate().status_code == 200
    User.objects.filter(id=alice.id).update(**fields)
    answer = App().rotate(app.refresh)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert set(answer.json()) == {"code", "detail"}


DEMANDING = {**{state: fields for state, (fields, _) in STATES.items()}, "in a role that demands more": {"is_staff": True}}


@pytest.mark.parametrize("state", DEMANDING)
@pytest.mark.parametrize("strict", [False, True])
def test_R02_reuse_is_found_whatever_the_gate_would_say(
    app: App, alice: User, settings: Settings, state: str, strict: bool
) -> None:
    settings.REQUIRE_MFA_FOR_STAFF, settings.REFRESH_STRICT = True, strict
    stolen = app.refresh
    app.rotate(key="of the app")
    if not strict:
        app.rotate()
    User.objects.filter(id=alice.id).update(**DEMANDING[state])
    told = OutboxMessage.objects.count()
    assert App().rotate(app.refresh).json()["code"] != "token_reused"
    assert Device.objects.get(id=app.device).revoked_at is None
    assert App().rotate(stolen).json()["code"] == "token_reused"
    assert Device.objects.get(id=app.device).ended_because == Device.Ended.REFRESH_TOKEN_REUSED
    assert AuditEvent.objects.filter(event=Event.REFRESH_TOKEN_REUSED, device_id=app.device).count() == 1
    assert OutboxMessage.objects.count() == told + 1


def test_R11_gate_is_asked_for_a_rescue_too(app: App, alice: User) -> None:
    old = app.refresh
    app.rotate()
    assert App().rotate(old).status_code == 200
    User.objects.filter(id=alice.id).update(is_active=False)
    assert App().rotate(old).json()["code"] == "account_unavailable"


def test_R11_deleted_account_cannot_refresh(app: App, alice: User) -> None:
    alice.delete()
    assert App().rotate(app.refresh).json()["code"] == "token_invalid"


def test_R11_password_change_ends_the_other_devices(app: App, alice: User) -> None:
    here = signed_in(alice)
    change.store(alice, "!", actor=None, keep=Device.objects.get(id=here.device).id, source=NOWHERE)
    assert App().rotate(app.refresh).json()["code"] == "device_revoked"
    assert here.rotate().status_code == 200


def test_R13_nothing_of_an_issued_token_is_stored(app: App) -> None:
    issued = [app.access, app.refresh, app.rotate(key="retry-key-of-the-app").json()["refresh"], app.access]
    dump = json.dumps([list(table_rows(table)) for table in connection.introspection.table_names()], default=str)
    assert app.device in dump or app.device.replace("-", "") in dump
    for token in issued:
        secret = token.removeprefix("rt1.")
        signature = secret.rpartition(".")[2]
        halves = {secret, signature, signature[: len(signature) // 2][-20:], signature[len(signature) // 2 :][:20]}
        assert not any(part in dump for part in halves)
    assert "retry-key-of-the-app" not in dump


def table_rows(table: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        return cursor.fetchall()


def test_R16_secrets_are_compared_in_constant_time() -> None:
    for module in ("refresh_token", "rescue"):
        source = Path(f"accounts/tokens/{module}.py").read_text()
        assert "hmac.compare_digest(" in source
        assert "mac ==" not in source
        assert "hash ==" not in source


def test_R17_nobody_ends_a_strangers_device(alice: User, bob: User, app: App) -> None:
    browser = Client()
    browser.post("/account/sign-in/", {"email": bob.email, "password": "correct horse battery staple"})
    own = signed_in(bob)
    assert browser.post(f"/account/security/devices/{app.device}/sign-out/").status_code in {303, 404}
    assert Device.objects.get(id=app.device).revoked_at is None
    assert browser.post(f"/account/security/devices/{own.device}/sign-out/").status_code == 303
    assert Device.objects.get(id=own.device).revoked_at is not None


def test_R18_sign_out_ends_the_access_token(bearer: Acceptor) -> None:
    bearer.assert_takes_genuine()
    assert bearer.app.post("/auth/token/revoke/", {"refresh": bearer.app.refresh}).status_code == 204
    news_is_due()
    assert bearer.present(bearer.genuine()).json()["code"] == "device_revoked"


@pytest.mark.django_db(transaction=True)
def test_R18_this_process_knows_at_once(alice: User, settings: Settings) -> None:
    settings.ROOT_URLCONF = "tests.support.guarded"
    bearer = ACCEPTORS["bearer"](signed_in(alice))
    bearer.assert_takes_genuine()
    bearer.app.post("/auth/token/revoke/", {"refresh": bearer.app.refresh})
    assert not bearer.takes(bearer.genuine())


SWAP = "UPDATE accounts_device SET counter"
"""It follows the look at the device."""


@pytest.mark.both_databases
def test_R19_epoch_raised_between_look_and_swap_wins(app: App, alice: User) -> None:
    with meanwhile(lambda: publish.users_stale([alice.id]), before=SWAP):
        assert app.rotate().status_code == 200
    assert forge.opened(app.access)[1]["epoch"] == 2
    assert ACCEPTORS["verify"](app).takes(app.access)


@pytest.mark.both_databases
def test_R01_loser_of_a_race_gets_the_winners_successor(app: App) -> None:
    winner = App(refresh=app.refresh)
    with meanwhile(winner.rotate, before=SWAP):
        assert app.rotate()["X-Refresh"] == "raced"
    assert app.refresh == winner.refresh
    assert Device.objects.get(id=app.device).counter == 1


@pytest.mark.both_databases
def test_R01_loser_by_two_generations_does_not_turn_the_counter_back(app: App) -> None:
    winner = App(refresh=app.refresh)
    with meanwhile(lambda: [winner.rotate(), winner.rotate()], before=SWAP):
        assert app.rotate().json()["code"] == "token_reused"
    assert Device.objects.get(id=app.device).counter == 2


@pytest.mark.both_databases
def test_R18_sign_out_between_look_and_swap_wins(app: App) -> None:
    leaver = App()
    with meanwhile(lambda: leaver.post("/auth/token/revoke/", {"refresh": app.refresh}), before=SWAP):
        answer = app.rotate()
    assert answer.json()["code"] == "device_revoked"
    assert Device.objects.get(id=app.device).ended_because == Device.Ended.SIGNED_OUT
