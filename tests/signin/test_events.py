"""Each act leaves one event that says who, where, with what and how it ended (SECURITY G-04, G-10, R-29)."""

import uuid

import pytest
import time_machine
from django.test import Client

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core import metrics
from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.passwords import change
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.meanwhile import meanwhile

from .conftest import Guess

pytestmark = pytest.mark.django_db
HEADERS = {"User-Agent": "Phone/1.0", "X-Request-Id": "0123456789abcdef"}
PLACE = "203.0.113.9"


def only(event: Event) -> AuditEvent:
    return AuditEvent.objects.get(event=event)


def where(event: AuditEvent) -> tuple[str | None, str, str]:
    return event.address, event.user_agent, event.request_id


def test_G04_sign_in(guess: Guess, alice: User) -> None:
    answer = guess(alice.email, right=True, address=PLACE, **HEADERS)
    event = only(Event.SIGN_IN_SUCCEEDED)
    assert (event.subject_id, event.actor_id, str(event.device_id)) == (alice.id, alice.id, answer.json()["device"])
    assert (event.outcome, where(event)) == ("success", (PLACE, "Phone/1.0", "0123456789abcdef"))
    assert event.details == {"amr": ["pwd"], "acr": "aal1", "transport": "bearer"}
    assert event.occurred_at.utcoffset().total_seconds() == 0


def test_G04_wrong_password(guess: Guess, alice: User) -> None:
    guess(alice.email, address=PLACE, **HEADERS)
    event = only(Event.SIGN_IN_FAILED)
    assert (event.subject_id, event.actor_id, event.device_id, event.outcome) == (alice.id, None, None, "failure")
    assert where(event) == (PLACE, "Phone/1.0", "0123456789abcdef")
    assert event.details["reason"] == "wrong"


def test_G04_right_password_of_an_unverified_account(guess: Guess, alice: User) -> None:
    User.objects.filter(id=alice.id).update(email_verified_at=None)
    before = metrics.sign_ins.labels("pwd", "failed")._value.get()
    answers = [guess(alice.email, right=True, address=PLACE) for _ in range(7)]
    assert {(one.status_code, one.json()["code"]) for one in answers} == {(401, "email_unverified")}
    events = AuditEvent.objects.filter(event=Event.SIGN_IN_FAILED)
    assert {(event.subject_id, event.outcome, event.details["reason"]) for event in events} == {
        (alice.id, "failure", "unverified")
    }
    assert events.count() == metrics.sign_ins.labels("pwd", "failed")._value.get() - before == 7
    assert guess(alice.email).json()["code"] == "invalid_credentials"


def test_G04_unknown_name_disabled_account_and_throttling(guess: Guess, alice: User) -> None:
    guess("nobody@example.com")
    assert only(Event.SIGN_IN_FAILED).subject_id is None
    User.objects.filter(id=alice.id).update(is_active=False)
    for _ in range(6):
        guess(alice.email, right=True)
    reasons = AuditEvent.objects.filter(subject_id=alice.id).order_by("id").values_list("event", "details__reason")
    assert list(reasons) == [("sign_in.failed", "account unavailable")] * 5 + [("sign_in.throttled", "throttled")]


def test_S03_counter_that_refuses_is_recorded_once_a_minute(guess: Guess, alice: User) -> None:
    throttled = AuditEvent.objects.filter(event=Event.SIGN_IN_THROTTLED)
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        for _ in range(5 + 20):
            guess(alice.email)
        assert throttled.count() == 1
        for _ in range(5 + 20):
            guess("nobody@example.com")
        assert throttled.count() == 2
        clock.shift(29)
        assert guess(alice.email).status_code == 429
        assert throttled.count() == 2
        clock.shift(1)
        assert guess(alice.email).status_code == 401
        clock.shift(30)
        assert guess(alice.email).status_code == 429
        assert throttled.count() == 3
    assert AuditEvent.objects.filter(event=Event.SIGN_IN_FAILED).count() == 11


def test_G04_sign_out_is_one_event_however_often(app: App, alice: User) -> None:
    for _ in range(3):
        assert app.post("/auth/token/revoke/", {"refresh": app.refresh}).status_code == 204
    event = only(Event.DEVICE_REVOKED)
    assert (event.subject_id, str(event.device_id), event.details) == (alice.id, app.device, {"because": "signed_out"})


def test_sign_out_with_any_generation_and_never_with_a_forgery(alice: User) -> None:
    forged, old = signed_in(alice), signed_in(alice)
    for token in (forged.refresh[:-4] + "AAAA", "rt1.", "x", "rt1." + "A" * 70):
        assert forged.post("/auth/token/revoke/", {"refresh": token}).status_code == 204
    first = old.refresh
    old.rotate()
    old.post("/auth/token/revoke/", {"refresh": first})
    assert forged.rotate().status_code == 200
    assert App().rotate(old.refresh).json()["code"] == "device_revoked"


def test_R29_ending_what_is_over_says_so(app: App, alice: User) -> None:
    device = Device.objects.get(id=app.device)
    ended = [registry.revoke(device, Device.Ended.SIGNED_OUT, actor=None, source=NOWHERE) for _ in range(2)]
    assert ended == [True, False]
    gone = Device(id=uuid.uuid4(), user=alice)
    assert registry.revoke(gone, Device.Ended.SIGNED_OUT, actor=None, source=NOWHERE) is False
    assert registry.revoke_all(alice.id, Device.Ended.SIGNED_OUT, actor=None, source=NOWHERE) == 0
    assert AuditEvent.objects.filter(event=Event.DEVICE_REVOKED).count() == 1


def test_R29_first_reason_stands(app: App) -> None:
    device = Device.objects.get(id=app.device)
    registry.revoke(device, Device.Ended.SIGNED_OUT, actor=None, source=NOWHERE)
    registry.revoke(device, Device.Ended.REFRESH_TOKEN_REUSED, actor=None, source=NOWHERE)
    device.refresh_from_db()
    assert device.ended_because == Device.Ended.SIGNED_OUT


@pytest.mark.parametrize("agent", ["", "\xff\xfe\x80", "a\x00b", "\x1b[31mred", "\u202egnirts", "x" * 5_000, "名前\r\n"])
def test_G10_odd_user_agent_neither_breaks_nor_vanishes(alice: User, agent: str) -> None:
    client = Client(HTTP_USER_AGENT=agent)
    body = {"email": alice.email, "password": PASSWORD}
    assert client.post("/auth/token/", body, content_type="application/json").status_code == 200
    kept = only(Event.SIGN_IN_SUCCEEDED).user_agent
    assert len(kept) <= 200
    assert kept.isprintable()
    assert Device.objects.get().user_agent == kept


FORGIVEN = "DELETE FROM accounts_counter"
"""It follows a right password; there is no device yet."""


def test_password_changed_between_proof_and_tokens_signs_nobody_in(alice: User) -> None:
    """The old password was right a moment ago; the owner is changing it because somebody knows it."""
    owner = User.objects.get(id=alice.id)
    with meanwhile(lambda: change.store(owner, "!", actor=None, keep=None, source=NOWHERE), before=FORGIVEN):
        answer = App().sign_in(alice.email)
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_credentials")
    assert not Device.objects.exists()


def test_X01_account_disabled_between_proof_and_tokens_gets_none(alice: User) -> None:
    with meanwhile(lambda: User.objects.filter(id=alice.id).update(is_active=False), before=FORGIVEN):
        assert App().sign_in(alice.email).status_code == 401
    assert not Device.objects.exists()


def test_account_deleted_between_proof_and_tokens_is_no_error(alice: User) -> None:
    with meanwhile(lambda: User.objects.filter(id=alice.id).delete(), before=FORGIVEN):
        assert App().sign_in(alice.email).status_code == 401
