"""How fresh a proof an upstream sign-in is: as old as the issuer says, and no older than what the account can show (F-10)."""

import time
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation import id_token, identities
from accounts.federation.providers import Provider
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.issuer import CLIENT_ID, Issuer
from tests.support.phone import enrolled

from .conftest import Configure, nonce_for

BEGIN, CALLBACK = "/account/federated/upstream/", "/account/federated/upstream/callback/"


@pytest.fixture
def linked(alice: User, issuer: Issuer, provider: Provider) -> User:
    """She has a password too."""
    identities.link(alice, id_token.verify(provider, issuer.id_token(nonce=nonce_for())), NOWHERE)
    return alice


def app_with(issuer: Issuer, **claims: Any) -> App:
    app = App()
    answer = app.post("/auth/federated/upstream/", {"id_token": issuer.id_token(nonce=nonce_for(), **claims)})
    assert answer.status_code == 200, answer.content
    app.access = answer.json()["access"]
    return app


def adds_a_factor(app: App) -> tuple[int, str]:
    answer: HttpResponse = app.post("/api/v1/me/totp/")
    return answer.status_code, answer.json().get("code", "")


REFUSED, ADDED = (401, "insufficient_user_authentication"), (201, "")


@pytest.mark.parametrize(("seconds", "outcome"), [(0, ADDED), (60, ADDED), (3600, REFUSED), (90 * 86_400, REFUSED)])
def test_F10_proof_is_as_old_as_the_issuer_says(
    db: None, provider: Provider, issuer: Issuer, seconds: int, outcome: tuple[int, str]
) -> None:
    assert adds_a_factor(app_with(issuer, auth_time=int(time.time()) - seconds)) == outcome


def test_F10_proof_is_never_from_the_future(db: None, provider: Provider, issuer: Issuer) -> None:
    app = app_with(issuer, auth_time=int(time.time()) + 3600)
    assert app.get("/api/v1/me/access/").json()["auth_time"] <= int(time.time())


def test_F10_sign_in_of_unknown_age_is_not_fresh_where_a_password_can_be_asked_for(linked: User, issuer: Issuer) -> None:
    app = app_with(issuer)
    assert adds_a_factor(app) == REFUSED
    assert app.get("/auth/step-up/").json()["methods"] == ["password"]
    app.access = app.post("/auth/step-up/", {"password": PASSWORD}).json()["access"]
    assert adds_a_factor(app) == ADDED


def test_F10_sign_in_of_unknown_age_does_for_somebody_who_has_nothing_else(db: None, provider: Provider, issuer: Issuer) -> None:
    assert adds_a_factor(app_with(issuer)) == ADDED


def came_back(browser: Client, issuer: Issuer) -> HttpResponse:
    return browser.get(CALLBACK, issuer.authorize(browser.get(BEGIN)["Location"]))


def test_F10_page_asks_the_issuer_anew_for_somebody_who_is_signed_in(db: None, configure: Configure, issuer: Issuer) -> None:
    """Her sign-in there is old: the page that wants a proof sends her there once more, and there she is asked."""
    configure(client_id=CLIENT_ID)
    browser, page = Client(), "/account/profile/email/"
    issuer.signed_in_at = int(time.time()) - 3600
    location = browser.get(BEGIN)["Location"]
    assert "max_age=" not in location
    assert browser.get(CALLBACK, issuer.authorize(location)).status_code == 303
    told = browser.get(page, follow=True)
    assert told.redirect_chain[-1][0] == f"/account/sign-in/?next={quote(page, safe='')}"
    assert "For this, sign in once more." in told.content.decode()
    location = browser.get(BEGIN, {"next": page})["Location"]
    assert "max_age=300" in location
    assert browser.get(CALLBACK, issuer.authorize(location))["Location"] == page
    assert browser.get(page).status_code == 200
    assert Device.objects.count() == 1


@pytest.fixture
def old(db: None, configure: Configure, issuer: Issuer) -> Client:
    """A browser in which Carol signed in at the issuer, an hour after she did so there."""
    configure(client_id=CLIENT_ID)
    issuer.signed_in_at = int(time.time()) - 3600
    browser = Client()
    assert came_back(browser, issuer).status_code == 303
    return browser


def test_R26_proof_at_the_issuer_raises_the_device_that_asked(old: Client, issuer: Issuer) -> None:
    before = Device.objects.get()
    stale = old.cookies[settings.COOKIE_NAME].value
    assert came_back(old, issuer).status_code == 303
    device = Device.objects.get()
    assert (device.id, device.auth_time - before.auth_time >= 3600) == (before.id, True)
    assert AuditEvent.objects.filter(event=Event.STEP_UP_SUCCEEDED, device_id=device.id).count() == 1
    assert old.cookies[settings.COOKIE_NAME].value != stale


def test_identity_of_somebody_else_is_a_sign_in(old: Client, issuer: Issuer) -> None:
    before = Device.objects.get()
    location = old.get(BEGIN)["Location"]
    assert old.get(CALLBACK, issuer.authorize(f"{location}&login_hint=dora@example.com")).status_code == 303
    before.refresh_from_db()
    assert Device.objects.exclude(id=before.id).get().user.email == "dora@example.com"
    assert before.auth_time < int(time.time()) - 3000


def test_P09_proof_at_the_issuer_is_one_step_where_an_app_is_the_second(old: Client, issuer: Issuer) -> None:
    before = Device.objects.get()
    enrolled(before.user)
    assert "Code of your authenticator app" in came_back(old, issuer).content.decode()
    assert (Device.objects.get().auth_time, Device.objects.get().acr) == (before.auth_time, "aal1")


def test_device_that_has_ended_is_not_raised(old: Client, issuer: Issuer) -> None:
    location = old.get(BEGIN)["Location"]
    Device.objects.update(revoked_at=timezone.now())
    assert old.get(CALLBACK, issuer.authorize(location)).status_code == 303
    assert Device.objects.filter(revoked_at=None).count() == 1
