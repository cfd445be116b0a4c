"""Everything that is held about somebody, and no secret in it."""

import json
from datetime import timedelta
from typing import Any

import time_machine
from django.apps import apps
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.models import Counter, Gate
from accounts.core.requests import Source
from accounts.devices.models import Device
from accounts.federation.models import FederatedIdentity
from accounts.keys.models import SigningKey
from accounts.lifecycle import export
from accounts.links.models import MailedCode, UndoneEmailChange
from accounts.mfa.models import Authenticator, RecoveryCode
from accounts.oidc.models import (
    AuthorizationCode,
    AuthorizationRequest,
    ClientSecret,
    Consent,
    DeviceAuthorization,
    Service,
    ServiceScope,
)
from accounts.oidc.models import Client as RelyingParty
from accounts.outbox.models import OutboxMessage
from accounts.passkeys.models import Passkey
from accounts.revocations.models import Revocation
from accounts.users.models import ErasedAccount, User
from tests.support.app import App
from tests.support.grace import WANTED, grace
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


def test_S16_it_wants_the_strongest_factor_the_account_has(app: App, alice: User) -> None:
    """The password of a moment ago is not enough where there is an authenticator app (SECURITY P-10)."""
    before = app.post(PATH).json()["url"].removeprefix("http://testserver")
    phone = enrolled(alice)
    for answer in (app.post(PATH), app.get(PATH), Client().get(before)):
        assert answer.json()["code"] == "insufficient_user_authentication"
    app.access = app.post("/auth/step-up/", {"method": "totp", "code": phone.code()}).json()["access"]
    assert by_link(app).status_code == 200


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


SECRET = "a secret, or what could be made into one"
OWNER = "the person themself"
ROW = "numbers the row"
WITHHELD: dict[type[Model], dict[str, str]] = {
    User: {"password": SECRET},
    Device: {"user": OWNER, "mac_key_id": "names a key of the server", "retry_key_hash": SECRET},
    Passkey: {"user": OWNER, "public_key": "key material, which says nothing about a person"},
    FederatedIdentity: {"user": OWNER},
    Authenticator: {"user": OWNER, "secret_encrypted": SECRET},
    RecoveryCode: {"user": OWNER, "id": ROW, "code_hash": SECRET},
    AuditEvent: {"subject_id": OWNER, "id": ROW},
    MailedCode: {"user_id": OWNER, "challenge": SECRET, "code_mac": SECRET, "epoch": "that of the profile, then"},
    UndoneEmailChange: {"user_id": OWNER},
    OutboxMessage: {"user_id": OWNER, "id": ROW, "payload_encrypted": "their name and address, and links, which are secrets"},
    Consent: {"user": OWNER},
    AuthorizationCode: dict.fromkeys(
        (
            *("digest", "client", "user", "browser", "device", "redirect_uri", "code_challenge", "dpop_jkt", "nonce"),
            *("scope", "claims", "expires_at", "used_at"),
        ),
        "a step of a sign-in, for a day; the sign-in itself is among the devices and the activity",
    ),
    DeviceAuthorization: dict.fromkeys(
        (
            *("digest", "user_code", "client", "scope", "network", "asked_at", "browser", "is_denied"),
            *("polled_at", "interval", "expires_at", "used_at"),
        ),
        "what a device asks, for a day; the answer is the consent",
    ),
    AuthorizationRequest: dict.fromkeys(
        ("id", "client", "parameters", "is_pushed", "device", "asked_at", "begun_in", "expires_at", "used_at"),
        "what an application asks, for an hour; the answer is the consent",
    ),
    User.groups.through: {"id": ROW, "user": OWNER, "group": "by name, in the profile"},
    User.user_permissions.through: {"id": ROW, "user": OWNER, "permission": "by name, in the profile"},
}
SPEAKS_OF_NOBODY = {
    Counter: "counts under a key, most of them hashed, for a day",
    Gate: "hashes of what was used once",
    Revocation: "what ended, until the last token of it has run out: a quarter of an hour",
    ErasedAccount: "whoever is in it has no account",
    SigningKey: "of the server",
    **dict.fromkeys((RelyingParty, ClientSecret, Service, ServiceScope), "of other applications"),
    LogEntry: "never written: what staff do is an audit event",
    **dict.fromkeys((Group, Permission, ContentType, Group.permissions.through), "roles, whoever has them"),
}


def test_each_field_that_speaks_of_a_person_is_exported_or_left_out_for_a_reason() -> None:
    for model in apps.get_models(include_auto_created=True):
        if model in SPEAKS_OF_NOBODY:
            assert model not in export.FIELDS
            continue
        told, kept_back = set(export.FIELDS.get(model, ())), set(WITHHELD[model])
        assert {field.name for field in model._meta.concrete_fields} == told | kept_back, model.__name__
        assert not told & kept_back


def test_no_table_that_points_at_people_is_said_to_speak_of_nobody() -> None:
    for model in SPEAKS_OF_NOBODY.keys() - {LogEntry}:
        assert User not in {field.related_model for field in model._meta.fields}
        assert not {"user_id", "subject_id", "actor_id"} & {field.name for field in model._meta.fields}


def test_rich_account_is_exported_whole(bob: User) -> None:
    somebody = grace(bob)
    document = json.loads(json.dumps(export.collect(somebody.user.id), default=str))
    text = json.dumps(document, ensure_ascii=False)
    # What she has left, and what was mailed about it, is gone or in a message.
    assert {what for what, told in somebody.traces.items() if told not in text} == {"former email"}
    assert {code["new_email"] for code in document["mailed_codes"]} == {None, WANTED}
    assert {code["purpose"] for code in document["mailed_codes"]} == {"sign_in", "reset_password", "change_email"}
    acts = {"user.created", "user.disabled", "device.revoked", "user.enabled"}
    assert {act["event"] for act in document["acts_on_others"]} == acts
    assert {message["last_error"] for message in document["messages"]} == {"", "OSError"}
    assert (document["profile"]["groups"], document["profile"]["joined_by"]) == (["Admirals"], "staff")
    assert document["profile"]["permissions"] == ["accounts.add_user", "accounts.change_user", "accounts.view_user"]
    assert "bob" not in text
    assert str(bob.id) not in text


def test_no_secret_of_a_rich_account_is_in_it(bob: User) -> None:
    somebody = grace(bob)
    text = json.dumps(export.collect(somebody.user.id), default=str)
    hidden = [
        row[name]
        for model, names in WITHHELD.items()
        for row in model._base_manager.values()
        for name in names
        if names[name] is SECRET
    ]
    assert len(hidden) > 20
    assert not [secret for secret in hidden if len(str(secret)) > 8 and str(secret) in text]
