"""Import, sign in with the old password over HTTP, and the hash is ours."""

from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.users.models import User
from tests.support.app import App
from tests.support.imports import FIREBASE_CONFIG, SAMPLES, import_users, table
from tests.support.old_hashes import KNOWN
from tests.support.ways import opens

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


def is_ours(stored: str, settings: Settings) -> bool:
    return stored.startswith(f"argon2$argon2id$v=19$m={settings.ARGON2_MEMORY_COST},t={settings.ARGON2_TIME_COST},p=1$")


@pytest.mark.parametrize(("source", "file", "email", "password"), JOURNEYS)
def test_old_password_opens_the_account_and_is_hashed_anew(
    settings: Settings, source: str, file: str, email: str, password: str
) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    import_users(source, SAMPLES / file, "--create-roles")
    before = User.objects.get(email=email).password
    assert App().sign_in(email, password + "x").status_code == 401
    assert User.objects.get(email=email).password == before
    app = App()
    assert app.sign_in(email.upper(), password).status_code == 200
    after = User.objects.get(email=email).password
    assert after != before
    assert is_ours(after, settings)
    assert app.get("/api/v1/me/").json()["email"] == email
    import_users(source, SAMPLES / file, "--create-roles")
    assert App().sign_in(email, password).status_code == 200


@pytest.mark.parametrize("name", KNOWN)
def test_P05_hash_of_every_format_is_ours_after_the_first_right_password(settings: Settings, tmp_path: Path, name: str) -> None:
    settings.FIREBASE_HASH_CONFIG = FIREBASE_CONFIG
    encoded, password = KNOWN[name].encoded(), KNOWN[name].password
    row = {"email": "ada@example.com", "email_verified": "true", "password_hash": encoded}
    import_users("csv", table(tmp_path / "people.csv", row))
    ada = User.objects.filter(email="ada@example.com")
    assert not opens("ada@example.com", f"{password}x")
    assert ada.get().password == encoded
    assert opens("ada@example.com", password)
    assert is_ours(ada.get().password, settings)
    assert opens("ada@example.com", password)
    assert not opens("ada@example.com", f"{password}x")


def test_disabled_person_stays_out() -> None:
    import_users("keycloak", SAMPLES / "keycloak.json", "--create-roles")
    assert App().sign_in("gone@example.com", "password").status_code == 401


def test_person_without_a_password_signs_in_by_none() -> None:
    import_users("cognito", SAMPLES / "cognito.json")
    assert App().sign_in("coco@example.com", "password").status_code == 401
