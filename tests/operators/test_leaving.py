"""What staff see of somebody's ways to sign in, and how they let somebody leave or take a copy along."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.users.models import User
from tests.support.account import text
from tests.support.browser import Browser
from tests.support.phone import enrolled
from tests.support.ways import passkey_of

PEOPLE = "/admin/accounts/user/"


def page(user: User) -> str:
    return f"{PEOPLE}{user.id}/change/"


def path(user: User, act: str = "act/let-leave") -> str:
    return f"{PEOPLE}{user.id}/{act}/"


def leaving(user: User) -> bool:
    return User.objects.get(id=user.id).deletion_due_at is not None


def test_page_names_the_ways_to_sign_in_and_no_secret(roots: Browser, alice: User) -> None:
    phone = enrolled(alice)
    passkey_of(alice)
    shown = text(roots.get(page(alice)))
    assert "Password, 1 passkey, Authenticator app, 10 recovery codes left" in shown
    for secret in (phone.secret, alice.password, alice.passkeys.get().credential_id, *phone.recovery_codes):
        assert secret not in shown


def test_staff_let_somebody_leave(roots: Browser, alice: User) -> None:
    assert roots.post(path(alice)).status_code == 302
    assert leaving(alice)
    shown = text(roots.get(page(alice)))
    assert "Leaving, erased on" in shown
    assert "Let them leave" not in shown


def test_A17_export_wants_a_recent_proof(roots: Browser, alice: User) -> None:
    with time_machine.travel(timezone.now() + settings.FRESHNESS_WINDOW + timedelta(minutes=1), tick=False):
        answer = roots.post(path(alice, "export"))
    assert answer.headers["Location"].partition("?")[0] == "/account/confirm/"
    assert not AuditEvent.objects.filter(event=Event.EXPORT_MADE).exists()


def test_A16_only_who_may_export_takes_a_copy(helpers: Browser, archivists: Browser, alice: User, superuser: User) -> None:
    assert "Export" not in text(helpers.get(page(alice)))
    assert helpers.post(path(alice, "export")).status_code == 403
    assert "Export" in text(archivists.get(page(alice)))
    assert "Export" not in text(archivists.get(page(superuser)))
    assert not AuditEvent.objects.filter(event=Event.EXPORT_MADE).exists()
    assert "Content-Disposition" in archivists.post(path(alice, "export"))


def test_only_who_may_delete_lets_somebody_leave(helpers: Browser, alice: User) -> None:
    assert "Let them leave" not in text(helpers.get(page(alice)))
    assert helpers.post(path(alice)).status_code == 403
    assert not leaving(alice)


def test_L15_nobody_lets_themselves_leave_here(roots: Browser, superuser: User) -> None:
    assert "Let them leave" not in text(roots.get(page(superuser)))
    roots.post(path(superuser))
    assert not leaving(superuser)


def test_export_is_a_file_and_is_recorded(archivists: Browser, archivist: User, alice: User) -> None:
    answer = archivists.post(path(alice, "export"))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert json.loads(answer.content)["profile"]["email"] == "alice@example.com"
    assert AuditEvent.objects.get(event=Event.EXPORT_MADE).actor_id == archivist.id


def test_export_is_posted_and_not_for_everybody(roots: Browser, viewers: Browser, archivists: Browser, superuser: User) -> None:
    assert roots.get(path(superuser, "export")).headers["Location"] == page(superuser)
    assert viewers.post(path(superuser, "export")).status_code == 403
    assert archivists.post(path(superuser, "export")).status_code == 302
    assert not AuditEvent.objects.filter(event=Event.EXPORT_MADE).exists()


@pytest.mark.parametrize("state", ["guest", "leaving"])
def test_people_without_an_address_have_a_row_and_a_page(roots: Browser, state: str) -> None:
    guest = User.objects.create(deletion_due_at=timezone.now() if state == "leaving" else None)
    assert str(guest) in text(roots.get(f"{PEOPLE}?state={state}"))
    shown = text(roots.get(page(guest)))
    assert state.capitalize() in shown
    assert "Send a set-password link" not in shown
