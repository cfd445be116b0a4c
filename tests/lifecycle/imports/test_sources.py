"""What each source's export says about its people: samples in the vendors' own forms."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django import Settings

from accounts.lifecycle.imports import sources
from accounts.lifecycle.imports.origin import Origin
from accounts.lifecycle.imports.person import Identity, ImportedUser
from accounts.lifecycle.imports.reading import UnreadableExport
from tests.support.imports import FIREBASE_CONFIG, SAMPLES

GOOGLE = "https://accounts.google.com"


@pytest.fixture(autouse=True)
def _firebase(settings: Settings) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG


def people(name: str, file: str, **options: Any) -> Iterator[ImportedUser]:
    source = sources.opened(Origin(name), SAMPLES / file, **options)
    return (source.read(entry.data) for entry in source.entries.stream if not entry.broken)


def test_auth0_users() -> None:
    ada, grace, blocked = people("auth0", "auth0.ndjson")
    assert (ada.email, ada.email_verified, ada.name, ada.password) == ("Ada@Example.com", True, "Ada Lovelace", "")
    assert ada.created_at == datetime(2019, 12, 6, 18, 36, 12, 412000, UTC)
    assert grace.identities == (Identity("google", GOOGLE, "103547991597142817347"),)
    assert (grace.name, ada.identities) == ("", ())
    assert (blocked.disabled, blocked.email_verified) == (True, False)


def test_auth0_passwords_join_the_users() -> None:
    ada, grace, _ = people("auth0", "auth0.ndjson", passwords=SAMPLES / "auth0-passwords.ndjson")
    assert ada.password.startswith("bcrypt$$2a$05$")
    assert grace.password == ""


def test_auth0_file_of_passwords_is_an_export_too() -> None:
    ada, euclid = people("auth0", "auth0-passwords.ndjson")
    assert (euclid.email, euclid.email_verified) == ("euclid@example.com", True)
    assert ada.password.startswith("bcrypt$$2a$05$")
    assert ada.id == next(people("auth0", "auth0.ndjson")).id


def test_firebase_users() -> None:
    one, two, three, nobody = people("firebase", "firebase.json")
    assert (one.email, one.email_verified, one.name) == ("user1@example.com", True, "User One")
    assert one.password.startswith("firebase_scrypt$42xEC+ixf3L2lw$lSrfV15cpx95/")
    assert one.created_at == datetime(2017, 2, 5, 20, 0, 36, tzinfo=UTC)
    assert two.identities == (Identity("google", GOOGLE, "103547991597142817348"),)
    assert two.left_out == ("an identity at facebook.com",)
    assert (three.disabled, three.password, nobody.email) == (True, "", None)


@pytest.mark.parametrize("file", ["supabase.json", "supabase.csv"])
def test_supabase_users(file: str) -> None:
    sue, reed, anonymous = people("supabase", file)
    assert sue.id == UUID("5f3b1c1e-4f1b-4a6e-9d58-0f9e4a1f0001")
    assert (sue.email_verified, sue.disabled, sue.name) == (True, False, "Sue Storm")
    assert sue.password.startswith("bcrypt$$2a$05$")
    assert reed.identities == (Identity("apple", "https://appleid.apple.com", "001234.0123456789abcdef0123456789abcdef.1234"),)
    assert (reed.disabled, reed.password, anonymous.email) == (True, "", None)


def test_keycloak_users() -> None:
    source = sources.opened(Origin("keycloak"), SAMPLES / "keycloak.json")
    kay, argo, gone, client, slow = [entry.data for entry in source.entries.stream]
    first = source.read(kay)
    assert first.id == UUID("2a117809-8285-4718-a131-bd61fb57cd1f")
    assert (first.name, first.roles) == ("Kay Cloak", {"editors"})
    assert first.password.startswith("pbkdf2$sha256$27500$")
    assert first.identities == (Identity("google", GOOGLE, "103547991597142817349"),)
    assert source.read(argo).password.startswith("argon2$argon2id$v=19$m=7168,t=5,p=1$")
    assert (source.read(argo).email, source.read(argo).email_verified) == ("argo@example.com", True)
    assert (first.left_out, source.read(gone).left_out) == (("a second factor or passkey",), ())
    assert source.read(gone).disabled
    for refused, sentence in ((client, "service account"), (slow, "iterations")):
        with pytest.raises(ValueError, match=sentence):
            source.read(refused)


def test_cognito_users() -> None:
    coco, federated = people("cognito", "cognito.json")
    assert coco.id == UUID("0a1b2c3d-0000-4000-8000-000000000001")
    assert (coco.name, coco.email_verified, coco.password, coco.disabled) == ("Coco Nito", True, "", False)
    assert federated.identities == (Identity("google", GOOGLE, "103547991597142817350"),)
    assert (federated.disabled, federated.email_verified) == (True, False)
    assert federated.created_at == datetime(2021, 5, 6, 7, 8, 9, 123000, UTC)


def test_csv_of_ones_own() -> None:
    source = sources.opened(Origin("csv"), SAMPLES / "people.csv")
    entries = list(source.entries.stream)
    assert [(entry.line, bool(entry.broken)) for entry in entries] == [
        (2, False), (3, False), (4, False), (5, False), (6, True), (7, False),
    ]  # fmt: skip
    cleo, plain = source.read(entries[0].data), source.read(entries[1].data)
    assert (cleo.id, cleo.roles) == (UUID("9b2f6f0e-1111-4222-8333-444444444444"), {"editors", "readers"})
    assert (plain.name, plain.roles, plain.password) == ("Name, with a comma", frozenset(), "")


def test_django_users() -> None:
    jan, unusable = people("django", "django.json")
    assert (jan.email, jan.email_verified, jan.name, jan.roles) == ("jan@example.com", True, "Jan Go", {"editors"})
    assert jan.password.startswith("pbkdf2_sha256$")
    assert (unusable.password, unusable.disabled, unusable.roles, unusable.email_verified) == ("", True, {"editors"}, False)


def test_django_dump_of_another_model_says_what_to_do() -> None:
    with pytest.raises(UnreadableExport, match="--model"):
        sources.opened(Origin("django"), SAMPLES / "django.json", model="people.person")


@pytest.mark.parametrize(("name", "content", "sentence"), [
    ("firebase", "{", "not JSON"), ("firebase", "{}", "`users`"), ("keycloak", '{"users": {}}', "`users`"),
    ("cognito", "7", "`Users`"), ("csv", "", "email"), ("csv", "email,e-mail\n", "unknown columns"),
    ("supabase", "id,email\n", "lacks"),
])  # fmt: skip
def test_file_of_another_form_is_refused_as_a_whole(tmp_path: Path, name: str, content: str, sentence: str) -> None:
    path = tmp_path / "export"
    path.write_text(content)
    with pytest.raises(UnreadableExport, match=sentence):
        sources.opened(Origin(name), path)
