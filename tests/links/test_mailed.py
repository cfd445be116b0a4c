"""Links to choose a password: inert until posted, worthless after a change, always at our own address."""

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.management.commands.worker import work
from accounts.revocations import publish
from accounts.users.models import User
from tests.support.app import App

NEW_PASSWORD = "a quite different staple"


@pytest.fixture
def token(alice: User) -> str:
    return mailed.url(MailedAct.SET_PASSWORD, alice).partition("?token=")[2]


def opened(token: str) -> HttpResponse:
    return Client().get("/account/reset/", {"token": token})


def used(token: str) -> HttpResponse:
    return Client().post("/account/reset/", {"token": token, "new_password": NEW_PASSWORD})


def test_L02_opening_a_link_uses_nothing_up(token: str, alice: User) -> None:
    assert {opened(token).status_code for _ in range(5)} == {200}
    assert used(token).status_code == 200
    assert App().sign_in(alice.email, NEW_PASSWORD).status_code == 200


def test_L02_a_link_that_was_used_opens_no_more(token: str) -> None:
    used(token)
    assert {opened(token).status_code, used(token).status_code} == {400}


def test_L05_a_link_from_before_a_change_is_worthless(token: str, alice: User) -> None:
    assert opened(token).status_code == 200
    publish.users_stale([alice.id])
    assert {opened(token).status_code, used(token).status_code} == {400}


def test_L05_a_new_link_works_after_the_change(alice: User) -> None:
    publish.users_stale([alice.id])
    alice.refresh_from_db()
    assert opened(mailed.url(MailedAct.SET_PASSWORD, alice).partition("?token=")[2]).status_code == 200


def test_L03_the_address_in_the_mail_is_ours_whatever_host_was_asked(root_app: App, alice: User) -> None:
    path = f"/api/v1/users/{alice.id}/send-password-link/"
    assert root_app.post(path, Host="localhost").status_code == 202
    work()
    assert "http://testserver/account/reset/?token=" in mail.outbox[0].body
    assert "localhost" not in mail.outbox[0].body


def test_L03_a_foreign_host_is_refused(root_app: App, alice: User) -> None:
    path = f"/api/v1/users/{alice.id}/send-password-link/"
    assert root_app.post(path, Host="evil.example").status_code == 400
    assert work() == 0
