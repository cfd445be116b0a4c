"""Recent activity in plain words: complete, newest first, about oneself alone."""

import pytest

from accounts.audit.events import Event
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.lifecycle import activity
from accounts.lifecycle.activity import ABOUT_NOBODY, SENTENCES
from accounts.users.models import User
from tests.support.app import App
from tests.support.phone import enrolled

FIREFOX = Source("203.0.113.9", "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0")


def said(user: User) -> list[str]:
    return [line.text for line in activity.of(user.id, newest=20)]


def test_every_event_has_a_sentence_or_is_about_nobody() -> None:
    assert SENTENCES.keys() | ABOUT_NOBODY == set(Event)
    assert not SENTENCES.keys() & ABOUT_NOBODY


@pytest.mark.parametrize("event", SENTENCES)
def test_every_sentence_is_whole(alice: User, event: Event) -> None:
    record(event, subject=alice.id)
    record(event, subject=alice.id, actor=alice.id, source=FIREFOX, because="signed_out", provider="google", method="totp")
    for sentence in said(alice):
        assert sentence[0].isupper()
        assert "%" not in sentence
        assert "None" not in sentence


def test_a_sign_in_names_the_device(alice: User, app: App) -> None:
    Device.objects.filter(id=app.device).update(name="My phone")
    assert said(alice) == ["Signed in on My phone"]


def test_a_device_that_is_gone_is_named_by_its_browser(alice: User) -> None:
    record(Event.SIGN_IN_SUCCEEDED, subject=alice.id, actor=alice.id, source=FIREFOX)
    assert said(alice) == ["Signed in on Firefox on Windows"]


def test_a_wrong_password_is_marked(alice: User) -> None:
    App().sign_in("alice@example.com", "wrong")
    (line,) = activity.of(alice.id, newest=20)
    assert (line.text, line.warns, line.near) == ("Wrong password", True, "127.0.0.x")


def test_a_right_password_that_opens_nothing_is_no_wrong_one(alice: User) -> None:
    User.objects.filter(id=alice.id).update(email_verified_at=None)
    App().sign_in("alice@example.com")
    (line,) = activity.of(alice.id, newest=20)
    assert (line.text, line.warns) == ("A sign-in was refused", True)


def test_where_staff_sat_is_not_told(alice: User, superuser: User) -> None:
    record(Event.USER_DISABLED, subject=alice.id, actor=superuser.id, source=FIREFOX)
    (line,) = activity.of(alice.id, newest=20)
    assert (line.text, line.near) == ("Staff closed the account", "")


def test_it_is_about_oneself_and_the_newest_first(alice: User, bob: User) -> None:
    for event in (Event.TOTP_ENROLLED, Event.TOTP_REMOVED):
        record(event, subject=alice.id)
    record(Event.PASSKEY_REGISTERED, subject=bob.id)
    assert sorted(said(alice)) == ["An authenticator app was added", "The authenticator app was removed"]
    assert len(activity.of(alice.id, newest=1)) == 1


def test_a_wrong_second_step_is_told_apart(alice: User) -> None:
    phone, app = enrolled(alice), App()
    asked = app.sign_in("alice@example.com").json()
    app.post("/auth/token/mfa/", {"challenge": asked["challenge"], "method": "totp", "code": phone.wrong_code()})
    assert said(alice)[0] == "Wrong second step"
