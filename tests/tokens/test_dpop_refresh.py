"""The refresh of a device that is bound to a key asks for that key (RFC 9449 §5; SECURITY D-04, D-10, R-31)."""

from typing import Any

import pytest
import time_machine
from django.db import connection
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.audit.models import AuditEvent
from accounts.core import metrics
from accounts.devices.models import Device
from accounts.outbox.models import OutboxMessage
from accounts.tokens import dpop_nonce
from accounts.users.models import User
from tests.support import forge
from tests.support.app import App
from tests.support.key_holder import LEFT_OUT, BoundApp, refused

pytestmark = pytest.mark.django_db
REFRESH = "/auth/token/refresh/"
HOUR = 3600


@pytest.fixture
def bound(alice: User) -> BoundApp:
    """As everywhere; the mail that tells of the new device has been read."""
    app = BoundApp()
    assert app.sign_in(alice.email).status_code == 200
    OutboxMessage.objects.all().delete()
    return app


def row(app: App) -> dict[str, Any]:
    return Device.objects.filter(id=app.device).values().get()


def with_proof(app: BoundApp, proof: str, token: str = "") -> HttpResponse:
    return app.show("POST", REFRESH, proof, {"refresh": token or app.refresh})


def test_refresh_answers_bound_tokens(bound: BoundApp) -> None:
    answer = bound.rotate()
    assert (answer["X-Refresh"], answer.json()["token_type"]) == ("rotated", "DPoP")
    assert forge.opened(bound.access)[1]["cnf"] == {"jkt": bound.key.jkt}
    assert bound.get("/api/v1/me/access/").status_code == 200


def test_D10_refresh_without_the_proof_is_refused_and_is_no_theft(bound: BoundApp) -> None:
    before = row(bound)
    events = AuditEvent.objects.count()
    refused(App().rotate(bound.refresh))
    assert row(bound) == before
    assert (AuditEvent.objects.count(), OutboxMessage.objects.count()) == (events, 0)
    assert bound.rotate()["X-Refresh"] == "rotated"


def test_D10_refresh_by_another_key_is_refused_and_is_no_theft(bound: BoundApp) -> None:
    before = row(bound)
    refused(BoundApp().rotate(bound.refresh))
    assert row(bound) == before
    assert bound.rotate()["X-Refresh"] == "rotated"
    assert row(bound)["jkt"] == before["jkt"]


@pytest.mark.parametrize("generations", [1, 2, 5])
def test_D10_old_token_in_other_hands_ends_nothing(bound: BoundApp, generations: int) -> None:
    stolen = bound.refresh
    for _ in range(generations):
        bound.rotate()
    for thief in (App(), BoundApp()):
        refused(thief.rotate(stolen))
    assert row(bound)["revoked_at"] is None
    assert bound.rotate()["X-Refresh"] == "rotated"


def test_D10_refused_refresh_is_counted(bound: BoundApp) -> None:
    counter = metrics.refreshes.labels("unproven")
    before = counter._value.get()
    App().rotate(bound.refresh)
    assert counter._value.get() == before + 1


def test_D10_bearer_device_is_not_bound_later(app: App) -> None:
    """Otherwise a thief could bind it to a key of theirs, and its owner's next refresh would no longer find them out."""
    thief = BoundApp(refresh=app.refresh)
    answers = [thief.rotate() for _ in range(2)]
    assert [(answer.status_code, answer.json()["token_type"]) for answer in answers] == [(200, "Bearer")] * 2
    assert row(app)["jkt"] == ""
    assert app.rotate().json()["code"] == "token_reused"


def test_R02_key_holder_who_goes_back_two_generations_ends_the_device(bound: BoundApp) -> None:
    first = bound.refresh
    bound.rotate()
    bound.rotate()
    answer = bound.rotate(first)
    assert (answer.status_code, answer.json()["code"]) == (401, "token_reused")


@pytest.mark.parametrize("gap", [0, 11, 121, 2 * HOUR, 29 * 86_400])
@pytest.mark.parametrize("strict", [False, True])
def test_R31_key_holder_gets_a_lost_answer_again_at_any_time(
    bound: BoundApp, clock: time_machine.Traveller, settings: Settings, gap: int, strict: bool
) -> None:
    settings.REFRESH_STRICT = strict
    first = bound.refresh
    lost = bound.rotate(first, key="one").json()["refresh"]
    clock.shift(gap)
    answer = bound.rotate(first, key="two")
    assert (answer.json()["refresh"], answer["X-Refresh"]) == (lost, "rescued")
    assert bound.rotate()["X-Refresh"] == "rotated"


def test_R12_bound_device_runs_out_as_every_other(bound: BoundApp, clock: time_machine.Traveller, settings: Settings) -> None:
    first = bound.refresh
    bound.rotate(first)
    clock.shift(settings.REFRESH_IDLE_LIFETIME)
    assert bound.rotate(first).json()["code"] == "token_expired"


def test_R08_rescues_of_a_key_holder_cost_no_budget(bound: BoundApp, clock: time_machine.Traveller) -> None:
    for _ in range(8):
        shared = bound.refresh
        bound.rotate()
        clock.shift(30)
        assert bound.rotate(shared)["X-Refresh"] == "rescued"
        clock.shift(HOUR)
    assert row(bound)["rescue_streak"] == 0


def test_D04_proof_refreshes_once(bound: BoundApp) -> None:
    first, proof = bound.refresh, bound.proof("POST", REFRESH)
    assert with_proof(bound, proof, first).status_code == 200
    refused(with_proof(bound, proof, first))
    assert bound.rotate(first)["X-Refresh"] == "rescued"


def test_D07_refresh_wants_a_nonce(bound: BoundApp) -> None:
    before = row(bound)
    refused(with_proof(bound, bound.proof("POST", REFRESH, nonce=LEFT_OUT)), "use_dpop_nonce")
    assert row(bound) == before
    assert with_proof(bound, bound.proof("POST", REFRESH)).status_code == 200


def test_D03_proof_of_another_endpoint_refreshes_nothing(bound: BoundApp) -> None:
    before = row(bound)
    for path in ("/auth/token/", "/api/v1/me/", "/auth/token/refresh"):
        refused(with_proof(bound, bound.proof("POST", path)))
    refused(with_proof(bound, bound.proof("GET", REFRESH)))
    assert row(bound) == before


def test_R14_forged_token_uses_no_proof_up(bound: BoundApp) -> None:
    proof = bound.proof("POST", REFRESH)
    forged = bound.refresh[:-1] + ("A" if bound.refresh[-1] != "A" else "E")
    assert with_proof(bound, proof, forged).json()["code"] == "token_invalid"
    assert with_proof(bound, proof).status_code == 200


def test_refresh_of_a_bound_device_costs_one_row_more(bound: BoundApp, app: App) -> None:
    costs = []
    for caller in (app, bound):
        caller.rotate()
        with CaptureQueriesContext(connection) as queries:
            assert caller.rotate().status_code == 200
        costs.append([query["sql"].split()[0] for query in queries])
    assert costs == [["SELECT", "UPDATE"], ["SELECT", "INSERT", "UPDATE"]]


def test_sign_out_needs_no_proof(bound: BoundApp) -> None:
    assert App().post("/auth/token/revoke/", {"refresh": bound.refresh}).status_code == 204
    assert bound.rotate().json()["code"] == "device_revoked"


def test_nonce_of_the_last_answer_is_good_for_the_refresh(bound: BoundApp) -> None:
    bound.nonce = dpop_nonce.current()
    assert with_proof(bound, bound.proof("POST", REFRESH)).status_code == 200
