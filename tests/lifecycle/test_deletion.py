"""Leaving: everything that signs in dies at once, a link brings it back, and then nothing is left (SECURITY L-12, L-13, L-15)."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.core import secrets
from accounts.lifecycle import deletion
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.users.models import ErasedAccount, User
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.mailbox import last_letter
from tests.support.news import news_is_due
from tests.support.way_back import way_back

ME = "/api/v1/me/"
CANCEL = "/account/delete/cancel/"


def leave(app: App, confirm: str = "alice@example.com") -> Any:
    """A second later: every process has heard of it."""
    headers = {"Authorization": f"Bearer {app.access}"}
    answer = app.http.delete(ME, {"confirm": confirm}, "application/json", headers=headers)
    news_is_due()
    return answer


def after_the_grace_period() -> Any:
    return time_machine.travel(timezone.now() + settings.DELETION_GRACE_PERIOD + timedelta(hours=1), tick=False)


def token_of(url: str) -> str:
    return url.partition("?token=")[2]


@pytest.fixture
def browser(alice: User) -> Browser:
    browser = Browser()
    browser.sign_in(alice.email or "")
    return browser


def test_L12_every_credential_is_refused_at_once(app: App, alice: User, browser: Browser) -> None:
    link = token_of(mailed.url(MailedAct.SET_PASSWORD, alice))
    download = app.post("/api/v1/links/", {"path": ME}).json()["url"]
    assert [app.get(ME).status_code, browser.get("/account/profile/").status_code] == [200, 200]
    assert leave(app).status_code == 202
    assert app.get(ME).status_code == 401
    assert app.rotate().status_code == 401
    assert App().sign_in("alice@example.com").status_code == 401
    assert browser.get("/account/profile/").headers["Location"].startswith("/account/sign-in/")
    assert Client().get("/account/reset/", {"token": link}).status_code == 400
    assert Client().get(download.removeprefix("http://testserver")).status_code == 401


def test_L12_codes_by_mail_open_nothing(app: App) -> None:
    challenge = Client().post("/auth/code/", {"email": "alice@example.com"}, "application/json").json()["challenge"]
    code = last_letter("alice@example.com").code
    leave(app)
    answer = Client().post("/auth/code/verify/", {"challenge": challenge, "code": code}, "application/json")
    assert answer.status_code == 401


def test_L12_after_the_grace_period_no_table_holds_the_person(app: App, alice: User) -> None:
    leave(app)
    with after_the_grace_period():
        assert deletion.erase_due() == 1
    everything = json.dumps([list(model._base_manager.values()) for model in apps.get_models()], default=str)
    assert "alice" not in everything.lower()
    assert set(ErasedAccount.objects.values_list("id", flat=True)) == {alice.id}


def test_L12_audit_events_stay_about_nobody(app: App, alice: User, bob: User) -> None:
    leave(app)
    events = AuditEvent.objects.filter(subject_id=alice.id).count()
    with after_the_grace_period():
        deletion.erase_due()
    assert not AuditEvent.objects.filter(subject_id=alice.id).exists()
    assert not AuditEvent.objects.filter(actor_id=alice.id).exists()
    of_nobody = AuditEvent.objects.filter(subject_id=secrets.fingerprint("erased", str(alice.id)))
    assert of_nobody.count() == events
    assert {(event.address, event.user_agent, str(event.details)) for event in of_nobody} == {(None, "", "{}")}


def test_L12_nobody_is_erased_before_the_time_is_up(app: App, alice: User) -> None:
    leave(app)
    with time_machine.travel(timezone.now() + settings.DELETION_GRACE_PERIOD - timedelta(hours=1), tick=False):
        assert deletion.erase_due() == 0
    assert User.objects.filter(id=alice.id).exists()


def test_L13_leaving_wants_a_proof_of_the_last_minutes(app: App, alice: User) -> None:
    with time_machine.travel(timezone.now() + settings.FACTOR_FRESHNESS_WINDOW + timedelta(minutes=1), tick=False):
        assert leave(app).json()["code"] == "insufficient_user_authentication"
    assert User.objects.get(id=alice.id).deletion_due_at is None
    assert leave(app).status_code == 202


@pytest.mark.parametrize("typed", ["", "delete", "bob@example.com", "alice"])
def test_L13_leaving_wants_the_address_typed(app: App, alice: User, typed: str) -> None:
    assert leave(app, typed).status_code == 400
    assert User.objects.get(id=alice.id).deletion_due_at is None
    assert leave(app, " Alice@Example.com ").status_code == 202


def test_L13_the_mailed_link_brings_the_account_back(app: App, alice: User) -> None:
    leave(app)
    token = way_back()
    assert Client().get(CANCEL, {"token": token}).status_code == 200
    assert User.objects.get(id=alice.id).deletion_due_at is not None
    assert Client().post(CANCEL, {"token": token}).status_code == 303
    assert App().sign_in("alice@example.com").status_code == 200
    assert app.get(ME).status_code == 401


def test_L13_the_link_is_worthless_once_it_was_used(app: App) -> None:
    leave(app)
    token = way_back()
    assert [Client().post(CANCEL, {"token": token}).status_code for _ in range(2)] == [303, 400]


def test_L13_somebody_who_was_disabled_meanwhile_does_not_come_back(app: App, alice: User) -> None:
    leave(app)
    User.objects.filter(id=alice.id).update(is_active=False)
    assert Client().post(CANCEL, {"token": way_back()}).status_code == 400


def test_L15_the_last_administrator_does_not_leave(superuser: User, root_app: App, alice: User) -> None:
    answer = leave(root_app, "root@example.com")
    assert (answer.status_code, answer.json()["code"]) == (409, "last_administrator")
    User.objects.create_superuser("other@example.com", PASSWORD)
    assert leave(root_app, "root@example.com").status_code == 202


def test_staff_let_somebody_leave(root_app: App, app: App, alice: User) -> None:
    path = f"/api/v1/users/{alice.id}/"
    headers = {"Authorization": f"Bearer {root_app.access}"}
    assert root_app.http.delete(path, {}, "application/json", headers=headers).status_code == 202
    news_is_due()
    assert app.get(ME).status_code == 401
    assert way_back()


def test_L15_staff_do_not_delete_themselves(root_app: App, superuser: User) -> None:
    path, headers = f"/api/v1/users/{superuser.id}/", {"Authorization": f"Bearer {root_app.access}"}
    assert root_app.http.delete(path, {}, "application/json", headers=headers).status_code == 403


def test_somebody_without_the_permission_deletes_nobody(app: App, bob: User) -> None:
    headers = {"Authorization": f"Bearer {app.access}"}
    assert app.http.delete(f"/api/v1/users/{bob.id}/", {}, "application/json", headers=headers).status_code in {403, 404}
    assert User.objects.get(id=bob.id).deletion_due_at is None
