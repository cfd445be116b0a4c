""" "This wasn't me": everybody is locked out, what was added lately goes, and the owner chooses a new password."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation.models import FederatedIdentity
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.mfa import factors, recovery_codes
from accounts.users.models import User
from tests.support.app import App
from tests.support.phone import enrolled
from tests.support.ways import passkey_of

PAGE = "/account/not-me/"
NEW = "a quite different staple"


def long_ago() -> time_machine.travel:
    return time_machine.travel(timezone.now() - timedelta(days=3), tick=False)


def token_for(user: User) -> str:
    return mailed.url(MailedAct.NOT_ME, User.objects.get(id=user.id)).partition("?token=")[2]


def report(token: str) -> str:
    """Where the page leads, as a path."""
    answer = Client().post(PAGE, {"token": token})
    assert answer.status_code == 303
    return answer.headers["Location"].removeprefix("http://testserver")


def test_it_ends_every_device_and_the_password(app: App, alice: User) -> None:
    report(token_for(alice))
    assert not Device.objects.filter(user=alice, revoked_at=None).exists()
    assert App().sign_in("alice@example.com").status_code == 401


def test_it_leads_to_the_form_for_a_new_password(app: App, alice: User) -> None:
    path, _, token = report(token_for(alice)).partition("?token=")
    assert Client().get(path, {"token": token}).status_code == 200
    Client().post(path, {"token": token, "new_password": NEW})
    assert App().sign_in("alice@example.com", NEW).status_code == 200


def test_L02_opening_the_link_does_nothing_and_says_for_whom(app: App, alice: User) -> None:
    token = token_for(alice)
    pages = [Client().get(PAGE, {"token": token}) for _ in range(3)]
    assert {page.status_code for page in pages} == {200}
    assert "alice@example.com" in pages[0].content.decode()
    assert app.rotate().status_code == 200


def test_L01_the_link_works_once(alice: User) -> None:
    token = token_for(alice)
    report(token)
    assert Client().post(PAGE, {"token": token}).status_code == 400


def test_L05_the_link_outlives_a_new_password(app: App, alice: User) -> None:
    token = token_for(alice)
    body = {"current_password": "correct horse battery staple", "new_password": NEW}
    assert app.post("/api/v1/me/password/", body).status_code == 204
    report(token)
    assert App().sign_in("alice@example.com", NEW).status_code == 401


def test_a_passkey_that_was_added_lately_goes_and_an_old_one_stays(alice: User) -> None:
    with long_ago():
        passkey_of(alice)
    (old,) = alice.passkeys.all()
    passkey_of(alice)
    report(token_for(alice))
    assert list(alice.passkeys.all()) == [old]


def test_an_authenticator_app_that_was_confirmed_lately_goes(alice: User) -> None:
    enrolled(alice)
    alice.authenticator.created_at = timezone.now() - timedelta(days=3)
    alice.authenticator.save(update_fields=["created_at"])
    report(token_for(alice))
    assert not factors.has_authenticator(alice.id)
    assert recovery_codes.left(alice.id) == 0


@pytest.mark.parametrize(("renewed", "left"), [(True, 0), (False, 10)])
def test_an_old_authenticator_app_stays_without_codes_that_were_made_lately(alice: User, renewed: bool, left: int) -> None:
    with long_ago():
        enrolled(alice)
    if renewed:
        recovery_codes.renew(alice.id, source=NOWHERE)
    report(token_for(alice))
    assert factors.has_authenticator(alice.id)
    assert recovery_codes.left(alice.id) == left


def test_a_sign_in_that_was_linked_lately_goes(alice: User) -> None:
    FederatedIdentity.objects.create(user=alice, provider="google", issuer="https://issuer.example", subject="mallory")
    report(token_for(alice))
    assert not alice.identities.exists()
