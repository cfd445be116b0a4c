"""Everything that is held about somebody, and no secret in it."""

import json
from datetime import timedelta
from typing import Any

import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.lifecycle import export
from accounts.mfa.models import Authenticator
from accounts.users.models import User
from tests.support.app import App
from tests.support.phone import enrolled

PATH = "/api/v1/me/export/"


def by_link(app: App) -> Any:
    asked = app.post(PATH)
    assert asked.status_code == 201, asked.content
    return Client().get(asked.json()["url"].removeprefix("http://testserver"))


def test_S16_the_link_downloads_the_document_once(app: App, alice: User) -> None:
    url = app.post(PATH).json()["url"].removeprefix("http://testserver")
    answer = Client().get(url)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="account.json"'
    assert answer.json()["profile"]["email"] == "alice@example.com"
    assert Client().get(url).status_code == 401


def test_S16_it_wants_a_fresh_proof(app: App) -> None:
    with time_machine.travel(timezone.now() + settings.FRESHNESS_WINDOW + timedelta(minutes=1), tick=False):
        app.rotate()
        assert app.post(PATH).json()["code"] == "insufficient_user_authentication"
    assert by_link(app).status_code == 200


def test_no_secret_is_in_it(app: App, alice: User) -> None:
    phone = enrolled(alice)
    text = json.dumps(export.collect(alice.id), default=str)
    alice.refresh_from_db()
    kept = Authenticator.objects.get(user=alice).secret_encrypted
    for secret in (alice.password, phone.secret, kept, *alice.recovery_codes.values_list("code_hash", flat=True)):
        assert secret not in text
    assert '"recovery_codes_left": 10' in text


def test_it_says_who_took_it(app: App, alice: User) -> None:
    by_link(app)
    made = AuditEvent.objects.get(event=Event.EXPORT_MADE)
    assert (made.subject_id, made.actor_id) == (alice.id, alice.id)


def test_where_staff_sat_is_theirs(alice: User, superuser: User) -> None:
    staff, own = Source(address="198.51.100.7"), Source(address="203.0.113.9")
    record(Event.USER_DISABLED, subject=alice.id, actor=superuser.id, source=staff)
    record(Event.DEVICE_RENAMED, subject=alice.id, actor=alice.id, source=own)
    addresses = {event["event"]: event["address"] for event in export.collect(alice.id)["activity"]}
    assert addresses == {"user.disabled": None, "device.renamed": "203.0.113.9"}


def test_staff_export_somebody_and_it_is_recorded(root_app: App, alice: User, superuser: User) -> None:
    answer = root_app.post(f"/api/v1/users/{alice.id}/export/")
    assert answer.json()["profile"]["email"] == "alice@example.com"
    assert AuditEvent.objects.get(event=Event.EXPORT_MADE).actor_id == superuser.id


def test_somebody_else_exports_nobody(bobs_app: App, alice: User) -> None:
    assert bobs_app.post(f"/api/v1/users/{alice.id}/export/").status_code in {403, 404}
    assert not AuditEvent.objects.filter(event=Event.EXPORT_MADE).exists()
