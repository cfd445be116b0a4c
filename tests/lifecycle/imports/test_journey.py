"""Import, sign in with the old password over HTTP, and the hash is ours."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from accounts.users.models import User
from tests.support.app import App
from tests.support.imports import FIREBASE_CONFIG, SAMPLES

pytestmark = pytest.mark.usefixtures("db")

JOURNEYS = [
    ("firebase", "firebase.json", "user1@example.com", "user1password"),
    ("supabase", "supabase.json", "sue@example.com", "U*U"),
    ("keycloak", "keycloak.json", "kay@example.com", "password"),
    ("keycloak", "keycloak.json", "argo@example.com", "password"),
    ("csv", "people.csv", "cleo@example.com", "U*U"),
    ("django", "django.json", "jan@example.com", "lètmein"),
    ("auth0", "auth0-passwords.ndjson", "ada@example.com", "U*U"),
]


def imported(source: str, path: Path) -> None:
    call_command("import_users", "--from", source, str(path), "--create-roles", stdout=io.StringIO(), stderr=io.StringIO())


@pytest.mark.parametrize(("source", "file", "email", "password"), JOURNEYS)
def test_old_password_opens_the_account_and_is_hashed_anew(
    settings: Settings, source: str, file: str, email: str, password: str
) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    imported(source, SAMPLES / file)
    before = User.objects.get(email=email).password
    assert App().sign_in(email, password + "x").status_code == 401
    assert User.objects.get(email=email).password == before
    app = App()
    assert app.sign_in(email.upper(), password).status_code == 200
    after = User.objects.get(email=email).password
    assert after != before
    assert after.startswith(f"argon2$argon2id$v=19$m={settings.ARGON2_MEMORY_COST},t={settings.ARGON2_TIME_COST},")
    assert app.get("/api/v1/me/").json()["email"] == email
    imported(source, SAMPLES / file)
    assert App().sign_in(email, password).status_code == 200


def test_disabled_person_stays_out() -> None:
    imported("keycloak", SAMPLES / "keycloak.json")
    assert App().sign_in("gone@example.com", "password").status_code == 401


def test_person_without_a_password_signs_in_by_none() -> None:
    imported("cognito", SAMPLES / "cognito.json")
    assert App().sign_in("coco@example.com", "password").status_code == 401
