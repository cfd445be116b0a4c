"""Who may use our passkeys: settings, the origins taken, and the documents that say so."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts.core.errors import InvalidCredential
from accounts.passkeys import relying_party
from accounts.users.models import User
from project import environment
from project.environment import Environment
from tests.passkeys.conftest import prove, register
from tests.support.authenticator import Authenticator

FINGERPRINT = ":".join(["AB", "CD"] * 16)
APK = "android:apk-key-hash:q82rzavNq82rzavNq82rzavNq82rzavNq82rzavNq80"
PATHS = {
    "/.well-known/apple-app-site-association": {"webcredentials": {"apps": ["A1B2C3D4E5.com.example.app"]}},
    "/.well-known/assetlinks.json": [
        {
            "relation": ["delegate_permission/common.handle_all_urls", "delegate_permission/common.get_login_creds"],
            "target": {
                "namespace": "android_app",
                "package_name": "com.example.app",
                "sha256_cert_fingerprints": [FINGERPRINT, "00" + FINGERPRINT[2:]],
            },
        }
    ],
    "/.well-known/webauthn": {"origins": ["https://id.example.com", "https://example.de"]},
}


@pytest.fixture
def apps(settings: object) -> None:
    """An iOS app, an Android app with two certificates, a second domain."""
    settings.APPLE_APP_IDS = ["A1B2C3D4E5.com.example.app"]
    settings.ANDROID_APP_FINGERPRINTS = [("com.example.app", FINGERPRINT), ("com.example.app", "00" + FINGERPRINT[2:])]
    settings.WEBAUTHN_ORIGINS = ["https://id.example.com", "https://example.de", "http://localhost:8000"]


@pytest.mark.parametrize("path", PATHS)
def test_document_says_who_may_use_our_passkeys(apps: None, path: str) -> None:
    answer = Client().get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert not answer.cookies
    assert answer.json() == PATHS[path]
    assert Client().post(path).status_code == 405


@pytest.mark.parametrize("path", PATHS)
def test_document_of_nobody_is_not_there(path: str, client: Client) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_origins_are_the_sites_and_the_android_apps(apps: None) -> None:
    assert relying_party.origins()[:4] == ["https://id.example.com", "https://example.de", "http://localhost:8000", APK]
    assert len(relying_party.origins()) == 5


def test_P13_an_origin_is_taken_when_it_is_listed(alice: User, apps: None) -> None:
    authenticator = Authenticator()
    register(alice, authenticator, origin=APK)
    assert prove(authenticator, origin="https://example.de").user_id == alice.id
    for stranger in ("https://example.de:8443", "https://www.example.de", "http://example.de", APK[:-1] + "w"):
        with pytest.raises(InvalidCredential):
            prove(authenticator, origin=stranger)


def test_P13_the_rp_id_is_that_of_the_setting(alice: User, settings: object) -> None:
    settings.WEBAUTHN_RP_ID = "example.com"
    with pytest.raises(InvalidCredential):
        register(alice, Authenticator())
    assert register(alice, Authenticator(), rp_id="example.com")


@pytest.mark.parametrize(
    ("parse", "good", "malformed"),
    [
        (
            environment.parse_host_name,
            ["example.com", "localhost", "127.0.0.1"],
            ["https://example.com", "example.com:443", "Example.com", "", "a..b", "-a.example"],
        ),
        (environment.parse_apple_app_id, ["A1B2C3D4E5.com.example.app"], ["com.example.app", "a1b2c3d4e5.com.x", "A1B2C3D4E5"]),
        (
            environment.parse_android_app,
            [f"com.example.app={FINGERPRINT}"],
            ["com.example.app", f"com.example.app={FINGERPRINT[:-3]}", f"={FINGERPRINT}", f"a={FINGERPRINT.lower()}"],
        ),
    ],
)
def test_setting_that_is_malformed_is_refused(parse: object, good: list[str], malformed: list[str]) -> None:
    for value in good:
        assert parse(value)
    for value in malformed:
        with pytest.raises(ValueError, match="expected"):
            parse(value)


@pytest.mark.parametrize(
    ("read", "name", "value"),
    [
        (lambda env: env.host_name("WEBAUTHN_RP_ID", "x"), "WEBAUTHN_RP_ID", "https://example.com"),
        (lambda env: env.origins("WEBAUTHN_ORIGINS", []), "WEBAUTHN_ORIGINS", "https://example.com,https://example.de/"),
        (lambda env: env.apple_app_ids("APPLE_APP_IDS"), "APPLE_APP_IDS", "com.example.app"),
        (lambda env: env.android_apps("ANDROID_APP_FINGERPRINTS"), "ANDROID_APP_FINGERPRINTS", "com.example.app=AB:CD"),
    ],
)
def test_malformed_setting_stops_the_start_with_its_name(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[Environment], object], name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"{name} is malformed: expected"):
        read(Environment())
    monkeypatch.delenv(name)
    read(Environment())
