"""The commands around accounts: `changepassword` and `createsuperuser`."""

import io
import sys
from typing import Any

import pytest
from django.core.management import CommandError, call_command, get_commands

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.management.commands import changepassword
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.news import news_is_due

NEW = "a different long password"


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_changepassword_is_ours() -> None:
    assert get_commands()["changepassword"] == "accounts"
    assert changepassword.Command.help.endswith("signed out.")


def test_changepassword_ends_tokens_devices_and_the_old_password(monkeypatch: pytest.MonkeyPatch, alice: User, app: App) -> None:
    typed(monkeypatch, f"{NEW}\n")
    call_command("changepassword", "Alice@Example.com", "--stdin")
    news_is_due()
    assert app.get("/api/v1/me/").status_code == 401
    assert Device.objects.get(pk=app.device).ended_because == "password_changed"
    assert App().sign_in(alice.email, PASSWORD).status_code == 401
    assert App().sign_in(alice.email, NEW).status_code == 200


@pytest.mark.parametrize(("email", "password"), [("alice@example.com", "short"), ("nobody@example.com", NEW)])
def test_changepassword_refuses_a_weak_password_and_an_unknown_person(
    monkeypatch: pytest.MonkeyPatch, alice: User, app: App, email: str, password: str
) -> None:
    typed(monkeypatch, f"{password}\n")
    with pytest.raises(CommandError):
        call_command("changepassword", email, "--stdin")
    assert app.get("/api/v1/me/").status_code == 200


def test_createsuperuser_takes_address_and_password_from_the_environment(monkeypatch: pytest.MonkeyPatch, db: Any) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", "Boss@Example.com")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", "--noinput")
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser, user.email_verified_at is not None) == (
        *("boss@example.com", True, True, True),
    )
    browser = Browser()
    browser.sign_in("boss@example.com", target="/admin/")
    assert browser.get("/admin/").status_code == 200


def make_superuser(monkeypatch: pytest.MonkeyPatch, email: str, password: str) -> None:
    monkeypatch.setenv("DJANGO_SUPERUSER_EMAIL", email)
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", password)
    call_command("createsuperuser", "--noinput", stdout=io.StringIO())


def test_createsuperuser_is_recorded(monkeypatch: pytest.MonkeyPatch, db: Any) -> None:
    make_superuser(monkeypatch, "boss@example.com", PASSWORD)
    event = AuditEvent.objects.get(event=Event.USER_CREATED)
    assert (event.subject_id, event.actor_id) == (User.objects.get().id, None)
    assert event.details == {"is_staff": True, "is_superuser": True}


@pytest.mark.parametrize("password", ["short", "boss@example.com", ""])
def test_createsuperuser_refuses_what_the_policy_refuses(monkeypatch: pytest.MonkeyPatch, db: Any, password: str) -> None:
    with pytest.raises(CommandError):
        make_superuser(monkeypatch, "boss@example.com", password)
    assert not User.objects.exists()


@pytest.mark.parametrize("email", ["", "nobody", "Alice@Example.com"])
def test_createsuperuser_refuses_an_address_that_is_none_or_taken(
    monkeypatch: pytest.MonkeyPatch, alice: User, email: str
) -> None:
    with pytest.raises(CommandError):
        make_superuser(monkeypatch, email, PASSWORD)
    assert User.objects.count() == 1


def test_createsuperuser_asks_nobody_without_a_terminal(monkeypatch: pytest.MonkeyPatch, db: Any) -> None:
    typed(monkeypatch, "boss@example.com\n")
    with pytest.raises(CommandError, match="--noinput"):
        call_command("createsuperuser")


def test_changepassword_is_recorded_as_nobodys_act(monkeypatch: pytest.MonkeyPatch, alice: User, app: App) -> None:
    typed(monkeypatch, f"{NEW}\n")
    call_command("changepassword", alice.email, "--stdin")
    for event in AuditEvent.objects.filter(event__in=[Event.PASSWORD_CHANGED, Event.DEVICE_REVOKED]):
        assert (event.subject_id, event.actor_id) == (alice.id, None)
    assert AuditEvent.objects.filter(event=Event.PASSWORD_CHANGED).count() == 1
