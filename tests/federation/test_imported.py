"""Somebody whom an import brought, with an identity of Google and an address that nobody had verified."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.federation.models import FederatedIdentity
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.issuer import CLIENT_ID, Issuer
from tests.support.mailbox import last_letter, letters, notices
from tests.support.phone import Phone
from tests.support.ways import ENROL, MFA, VERIFY

from .conftest import Configure, nonce_for

FED = "fed@example.com"
BEGIN, CALLBACK = "/account/federated/google/", "/account/federated/google/callback/"


@pytest.fixture
def imported(db: None, tmp_path: Path, issuer: Issuer, configure: Configure) -> User:
    """From Cognito, which says "false" of everybody who came by Google; one local issuer plays Google."""
    about = {
        "sub": "0a1b2c3d-0000-4000-8000-000000000002",
        "email": FED,
        "email_verified": "false",
        "identities": json.dumps(
            [{"userId": "upstream-1", "providerName": "Google"}, {"userId": "apple-1", "providerName": "SignInWithApple"}]
        ),
    }
    attributes = [{"Name": name, "Value": value} for name, value in about.items()]
    dump = tmp_path / "cognito.json"
    dump.write_text(json.dumps({"Users": [{"Username": "google_1", "Attributes": attributes, "Enabled": True}]}))
    call_command("import_users", "--from", "cognito", str(dump), stdout=io.StringIO(), stderr=io.StringIO())
    configure("google", client_id=CLIENT_ID)
    FederatedIdentity.objects.filter(provider="google").update(issuer=issuer.url)
    user = User.objects.get(email=FED)
    user.set_password(PASSWORD)
    user.save()
    return user


def signed_in(issuer: Issuer, app: App | None = None, **claims: Any) -> Any:
    token = issuer.id_token(nonce=nonce_for("google"), **{"email": FED, **claims})
    return (app or App()).post("/auth/federated/google/", {"id_token": token})


def linked(user: User) -> set[str]:
    return set(FederatedIdentity.objects.filter(user=user).values_list("subject", flat=True))


@pytest.mark.parametrize("email", [FED, "Fed@Example.COM"])
def test_address_that_the_issuer_verified_is_accepted(imported: User, issuer: Issuer, email: str) -> None:
    assert signed_in(issuer, email=email).status_code == 200
    imported.refresh_from_db()
    assert imported.email_verified_at is not None
    assert letters(FED) == []
    assert signed_in(issuer, email=None).status_code == 200


def test_L10_what_else_came_with_the_address_goes_when_the_issuer_verified_it(imported: User, issuer: Issuer) -> None:
    assert linked(imported) == {"upstream-1", "apple-1"}
    assert signed_in(issuer).status_code == 200
    assert linked(imported) == {"upstream-1"}
    assert App().sign_in(FED, PASSWORD).json()["code"] == "invalid_credentials"


@pytest.mark.parametrize(
    "claims",
    [
        {"email_verified": False},
        {"email": "other@example.com"},
        {"email": None},
        {"email": "\uff46ed@example.com"},
        {"email": f"{FED}."},
    ],
    ids=ascii,
)
def test_F09_any_other_address_is_verified_by_a_code(imported: User, issuer: Issuer, claims: dict[str, Any]) -> None:
    app = App()
    refused = signed_in(issuer, app, **claims)
    assert (refused.status_code, refused.json()["code"]) == (401, "email_unverified")
    verified = app.post(VERIFY, {"email": FED, "code": last_letter(FED).code})
    assert verified.status_code == 200
    assert linked(imported) == {"upstream-1", "apple-1"}
    assert signed_in(issuer, **claims).status_code == 200


def test_L10_identity_goes_when_somebody_else_verifies_the_address(imported: User, issuer: Issuer) -> None:
    assert signed_in(issuer, email="thief@example.com").json()["code"] == "email_unverified"
    owner = App(Client(REMOTE_ADDR="203.0.113.7"))
    assert owner.post(VERIFY, {"token": last_letter(FED).token}).status_code == 200
    assert linked(imported) == set()
    assert signed_in(issuer, email="thief@example.com").status_code == 200
    assert User.objects.get(email="thief@example.com") != imported


def test_page_asks_for_the_code_and_goes_on(imported: User, issuer: Issuer) -> None:
    browser = Client()
    began = browser.get(BEGIN, {"next": "/account/security/"})["Location"]
    asked = browser.get(CALLBACK, issuer.authorize(began))
    assert (asked.status_code, asked["Location"]) == (303, "/account/verify/")
    done = browser.post("/account/verify/", {"code": last_letter(FED).code})
    assert (done.status_code, done["Location"]) == (303, "/account/security/")
    assert browser.get("/api/v1/me/", headers={"Accept": "application/json"}).status_code == 200
    assert linked(imported) == {"upstream-1", "apple-1"}


def test_disabled_account_is_left_as_it_is(imported: User, issuer: Issuer) -> None:
    User.objects.update(is_active=False)
    assert signed_in(issuer).json()["code"] == "account_unavailable"
    imported.refresh_from_db()
    assert imported.email_verified_at is None
    assert linked(imported) == {"upstream-1", "apple-1"}
    assert letters(FED) == []


def test_joining_in_two_steps_is_no_news_and_the_next_device_is(imported: User, issuer: Issuer, settings: Settings) -> None:
    settings.MFA_REQUIRED_ROLES = ["editors"]
    imported.groups.add(Group.objects.create(name="editors"))
    enrolment = signed_in(issuer).json()["challenge"]
    phone = Phone(App().post(ENROL, {"challenge": enrolment}).json()["secret"])
    assert App().post(f"{ENROL}confirm/", {"challenge": enrolment, "code": phone.code()}).status_code == 200
    assert notices("new_device") == []
    second = signed_in(issuer).json()["challenge"]
    assert App().post(MFA, {"challenge": second, "method": "totp", "code": phone.code(1)}).status_code == 200
    assert len(notices("new_device")) == 1
