"""How fresh a proof an upstream sign-in is: as old as the issuer says, and no older than what the account can show (F-10)."""

import time
from typing import Any
from urllib.parse import quote

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.core.requests import NOWHERE
from accounts.federation import id_token, identities
from accounts.federation.providers import Provider
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.issuer import CLIENT_ID, Issuer

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
