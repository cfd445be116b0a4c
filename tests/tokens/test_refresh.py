"""Rotation by the table of docs/architecture.md: swap, race, rescue, quiet end, reuse, counter ahead."""

from datetime import timedelta

import pytest
import time_machine
from django.http import HttpResponse
from pytest_django import Settings

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.outbox.models import OutboxMessage
from accounts.tokens import refresh_token, rescue
from accounts.users.models import User
from tests.support.app import App
from tests.support.forge import aliases

pytestmark = pytest.mark.django_db
HOUR = 3600


def refused(answer: HttpResponse, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def device(app: App) -> Device:
    return Device.objects.get(id=app.device)


def events(app: App) -> list[str]:
    return list(AuditEvent.objects.filter(device_id=app.device).order_by("id").values_list("event", flat=True))


def test_refresh_answers_a_new_pair(app: App) -> None:
    before = app.refresh
    answer = app.rotate()
    assert (answer["X-Refresh"], answer["Cache-Control"]) == ("rotated", "no-store")
    assert set(answer.json()) == {"access", "refresh", "token_type", "expires_in", "refresh_expires_in", "scope", "device"}
    assert app.refresh != before


def test_R02_old_generation_ends_the_device(app: App) -> None:
    tokens = [app.refresh]
    for _ in range(3):
        app.rotate()
        tokens.append(app.refresh)
    refused(App().rotate(tokens[0]), "token_reused")
    refused(App().rotate(tokens[3]), "device_revoked")


@pytest.mark.parametrize("steps", [2, 3, 7])
@pytest.mark.parametrize("wait", [0, 1, 30, 119])
def test_R06_no_window_for_older_generations(app: App, clock: time_machine.Traveller, steps: int, wait: int) -> None:
    first = app.refresh
    for _ in range(steps):
        app.rotate()
    clock.shift(wait)
    refused(App().rotate(first), "token_reused")
    assert device(app).ended_because == Device.Ended.REFRESH_TOKEN_REUSED


def test_R03_every_generation_of_the_device_is_dead_after_reuse(app: App) -> None:
    tokens = [app.refresh]
    for _ in range(4):
        app.rotate()
        tokens.append(app.refresh)
    App().rotate(tokens[1])
    for token in tokens:
        refused(App().rotate(token), "device_revoked")


def test_R05_no_rescue_after_sign_out(app: App) -> None:
    old = app.refresh
    app.rotate()
    app.post("/auth/token/revoke/", {"refresh": app.refresh})
    refused(App().rotate(old), "device_revoked")
    assert device(app).ended_because == Device.Ended.SIGNED_OUT


def test_R07_retry_gets_the_same_successor(app: App) -> None:
    first = app.refresh
    successors = {app.rotate(first).json()["refresh"] for _ in range(5)}
    assert len(successors) == 1
    assert device(app).counter == 1


@pytest.mark.parametrize("seconds", [11, 30, 120])
def test_R30_any_number_of_retries_in_the_window_is_one_step(app: App, clock: time_machine.Traveller, seconds: int) -> None:
    first = app.refresh
    lost = app.rotate(first).json()["refresh"]
    clock.shift(seconds)
    answers = [app.rotate(first) for _ in range(5)]
    assert {(answer.json()["refresh"], answer["X-Refresh"]) for answer in answers} == {(lost, "rescued")}
    assert (device(app).counter, device(app).rescue_streak) == (1, 1)
    assert app.rotate()["X-Refresh"] == "rotated"


def test_parallel_calls_of_one_app_race_and_cost_nothing(app: App, clock: time_machine.Traveller, settings: Settings) -> None:
    window = int(settings.REFRESH_RACE_WINDOW.total_seconds())
    for _ in range(10):
        first = app.refresh
        app.rotate()
        clock.shift(window)
        assert app.rotate(first)["X-Refresh"] == "raced"
        clock.shift(HOUR)
    assert device(app).rescue_streak == 0


def test_R08_no_rescue_once_the_successor_was_presented(app: App) -> None:
    first = app.refresh
    app.rotate()
    app.rotate()
    refused(App().rotate(first), "token_reused")


def play_lockstep(app: App, clock: time_machine.Traveller, rounds: int) -> list[HttpResponse]:
    """Thief and app share a token and take turns: one rotates, the other is rescued 30 s later."""
    answers = []
    for _ in range(rounds):
        shared = app.refresh
        app.rotate()
        clock.shift(30)
        answers.append(app.rotate(shared))
        clock.shift(HOUR)
    return answers


def test_R08_budget_ends_a_thief_in_lockstep(app: App, clock: time_machine.Traveller) -> None:
    answers = play_lockstep(app, clock, rescue.BUDGET + 1)
    assert [answer.status_code for answer in answers] == [200] * rescue.BUDGET + [401]
    refused(answers[-1], "token_reused")
    assert Event.REFRESH_TOKEN_REUSED in events(app)


def test_R08_generations_without_rescue_renew_the_budget_one_by_one(app: App, clock: time_machine.Traveller) -> None:
    for _ in range(3):
        assert all(answer.status_code == 200 for answer in play_lockstep(app, clock, rescue.BUDGET))
        for _ in range(rescue.BUDGET):
            app.rotate()
            clock.shift(HOUR)


def test_R08_one_generation_without_rescue_buys_a_thief_one_more(app: App, clock: time_machine.Traveller) -> None:
    play_lockstep(app, clock, rescue.BUDGET)
    app.rotate()
    clock.shift(HOUR)
    answers = play_lockstep(app, clock, 2)
    assert [answer.status_code for answer in answers] == [200, 401]
    refused(answers[-1], "token_reused")


def test_R31_late_retry_without_proof_ends_the_device_quietly(app: App, clock: time_machine.Traveller) -> None:
    first = app.refresh
    app.rotate()
    clock.shift(121)
    refused(App().rotate(first), "device_revoked")
    assert device(app).ended_because == Device.Ended.REFRESH_TOKEN_LOST
    assert Event.REFRESH_TOKEN_LOST in events(app)
    assert Event.REFRESH_TOKEN_REUSED not in events(app)
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("gap", [1, 11, 121, 2 * HOUR, 29 * 86_400])
def test_R32_retry_with_its_key_is_safe_at_any_time(app: App, clock: time_machine.Traveller, gap: int) -> None:
    first = app.refresh
    lost = app.rotate(first, key="k" * 32).json()["refresh"]
    clock.shift(gap)
    answer = app.rotate(first, key="k" * 32)
    assert (answer.json()["refresh"], answer["X-Refresh"]) == (lost, "rescued")
    assert app.rotate(key="next")["X-Refresh"] == "rotated"


def test_R32_key_buys_nothing_once_the_successor_was_presented(app: App) -> None:
    first = app.refresh
    app.rotate(first, key="k")
    app.rotate(key="l")
    refused(App().rotate(first, key="k"), "token_reused")


def test_R32_lenient_takes_another_key_for_a_second_process(app: App, clock: time_machine.Traveller) -> None:
    first = app.refresh
    app.rotate(first, key="one")
    clock.shift(30)
    assert app.rotate(first, key="two")["X-Refresh"] == "rescued"


@pytest.mark.parametrize(("at_swap", "at_retry"), [("one", "two"), ("one", ""), ("", "two")])
def test_R32_strict_takes_another_or_no_key_for_theft(app: App, settings: Settings, at_swap: str, at_retry: str) -> None:
    settings.REFRESH_STRICT = True
    first = app.refresh
    app.rotate(first, key=at_swap)
    refused(App().rotate(first, key=at_retry), "token_reused")


def test_R32_strict_answers_its_own_key(app: App, settings: Settings, clock: time_machine.Traveller) -> None:
    settings.REFRESH_STRICT = True
    first = app.refresh
    lost = app.rotate(first, key="one").json()["refresh"]
    clock.shift(2 * HOUR)
    assert app.rotate(first, key="one").json()["refresh"] == lost


def test_R32_only_a_hash_of_the_key_is_stored(app: App) -> None:
    app.rotate(key="0123456789abcdef")
    stored = device(app).retry_key_hash
    assert len(stored) == 64
    assert "0123456789abcdef" not in str(Device.objects.filter(id=app.device).values())


def test_R32_key_that_is_too_long_uses_nothing_up(app: App) -> None:
    assert App().rotate(app.refresh, key="k" * 129).status_code == 400
    assert device(app).counter == 0
    assert app.rotate(key="k" * 128)["X-Refresh"] == "rotated"


def test_R08_what_is_refused_spends_nothing_of_the_budget(app: App, clock: time_machine.Traveller, alice: User) -> None:
    first = app.refresh
    app.rotate()
    clock.shift(30)
    assert App().rotate(first, scope="no:such").status_code == 400
    User.objects.filter(id=alice.id).update(is_active=False)
    refused(App().rotate(first), "account_unavailable")
    assert device(app).rescue_streak == 0
    User.objects.filter(id=alice.id).update(is_active=True)
    assert App().rotate(first)["X-Refresh"] == "rescued"
    assert device(app).rescue_streak == 1


def test_S03_counter_ahead_is_recorded_once_a_minute(app: App, clock: time_machine.Traveller) -> None:
    row = device(app)
    future = refresh_token.make(row.id, 5, row.mac_key_id)
    for recorded in (1, 2):
        for _ in range(5):
            refused(App().rotate(future), "token_invalid")
        assert events(app).count(Event.REFRESH_COUNTER_AHEAD) == recorded
        clock.shift(60)


def test_S03_counter_ahead_of_another_device_is_news(app: App, bobs_app: App, clock: time_machine.Traveller) -> None:
    for one in (app, bobs_app):
        row = device(one)
        refused(App().rotate(refresh_token.make(row.id, 5, row.mac_key_id)), "token_invalid")
        assert events(one).count(Event.REFRESH_COUNTER_AHEAD) == 1


def test_counter_ahead_accuses_nobody(app: App) -> None:
    row = device(app)
    app.rotate()
    future = refresh_token.make(row.id, 5, row.mac_key_id)
    refused(App().rotate(future), "token_invalid")
    assert Event.REFRESH_COUNTER_AHEAD in events(app)
    assert device(app).revoked_at is None
    assert app.rotate()["X-Refresh"] == "rotated"


@pytest.mark.parametrize(
    ("beyond", "code"), [(timedelta(seconds=-1), ""), (timedelta(0), "token_expired"), (timedelta(seconds=1), "token_expired")]
)
def test_R12_idle_expiry_to_the_second(
    app: App, clock: time_machine.Traveller, settings: Settings, beyond: timedelta, code: str
) -> None:
    app.rotate()
    clock.shift(settings.REFRESH_IDLE_LIFETIME + beyond)
    answer = App().rotate(app.refresh)
    assert answer.json().get("code", "") == code


@pytest.mark.parametrize(("beyond", "code"), [(-1, ""), (0, "token_expired"), (1, "token_expired")])
def test_R12_absolute_expiry_to_the_second(
    alice: User, clock: time_machine.Traveller, settings: Settings, beyond: int, code: str
) -> None:
    app = App()
    app.sign_in(alice.email)
    step = settings.REFRESH_IDLE_LIFETIME - timedelta(days=1)
    ends = device(app).expires_at
    while device(app).rotated_at + step < ends:
        clock.shift(step)
        assert app.rotate().status_code == 200
    clock.move_to(ends + timedelta(seconds=beyond))
    assert App().rotate(app.refresh).json().get("code", "") == code


def test_R12_rotation_never_moves_the_absolute_end(app: App, clock: time_machine.Traveller) -> None:
    ends = device(app).expires_at
    clock.shift(timedelta(days=20))
    answer = app.rotate()
    assert device(app).expires_at == ends
    assert answer.json()["refresh_expires_in"] == 30 * 86_400


def test_R14_forged_token_writes_nothing(app: App) -> None:
    before = Device.objects.filter(id=app.device).values().get()
    raw = app.refresh
    for position in range(len(raw)):
        forged = raw[:position] + ("A" if raw[position] != "A" else "B") + raw[position + 1 :]
        assert App().rotate(forged).status_code == 401, position
    assert Device.objects.filter(id=app.device).values().get() == before
    assert app.rotate()["X-Refresh"] == "rotated"


def test_J13_refresh_token_has_one_spelling(app: App) -> None:
    body = app.refresh.removeprefix("rt1.")
    spellings = [f"rt1.{alias}" for alias in aliases(body)] + [
        f"RT1.{body}",
        f"rt1..{body}",
        f" {app.refresh}",
        f"{app.refresh}\n",
    ]
    assert len(spellings) > 25
    for spelling in spellings:
        assert App().rotate(spelling).status_code in {400, 401}, spelling
    assert device(app).counter == 0
    assert app.rotate()["X-Refresh"] == "rotated"


def test_R15_refresh_is_post_only(app: App) -> None:
    for method in ("get", "put", "patch", "delete"):
        answer = getattr(app.http, method)(f"/auth/token/refresh/?refresh={app.refresh}")
        assert answer.status_code == 405
    assert app.http.post(f"/auth/token/refresh/?refresh={app.refresh}", {}, content_type="application/json").status_code == 400
    assert device(app).counter == 0


def test_R20_device_id_is_never_the_clients(alice: User, app: App) -> None:
    chosen = "00000000-0000-7000-8000-000000000000"
    for extra in ({"sid": chosen}, {"device": {"id": chosen}}, {"device": {"sid": chosen}}, {"device": chosen}):
        assert App().sign_in(alice.email, **extra).status_code == 400
    again = App()
    again.sign_in(alice.email, device={"name": "Phone", "platform": "ios", "refresh": app.refresh})
    assert again.device not in {app.device, chosen}


def test_R10_scope_can_only_shrink(alice: User) -> None:
    app = App()
    app.sign_in(alice.email, scope="profile:read devices:read")
    narrowed = app.rotate(scope="profile:read").json()
    assert narrowed["scope"] == "profile:read"
    assert app.rotate().json()["scope"] == "profile:read devices:read"


def test_R10_wider_scope_is_refused_and_uses_nothing_up(alice: User) -> None:
    app = App()
    app.sign_in(alice.email, scope="profile:read")
    before = app.refresh
    for scope in ("profile:read users:write", "users:write", "PROFILE:READ", "*"):
        answer = app.rotate(before, scope=scope)
        assert (answer.status_code, answer.json()["errors"]["scope"][0]["code"]) == (400, "invalid_scope")
    assert device(app).counter == 0
    assert app.rotate(before)["X-Refresh"] == "rotated"
