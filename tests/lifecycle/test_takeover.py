""" "This wasn't me": everybody is locked out, what was added lately goes, and the owner chooses a new password."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.federation.models import FederatedIdentity
from accounts.links import mailed
from accounts.links.mailed import MailedAct
from accounts.mfa import factors, recovery_codes, totp
from accounts.users.models import User
from tests.support.app import App
from tests.support.mailbox import last_letter, letters
from tests.support.phone import Phone, enrolled
from tests.support.ways import AUTHENTICATE, ENROL, RESET, RESET_CONFIRM, outcome, passkey_answer, passkey_of

PAGE = "/account/not-me/"
NEW = "a quite different staple"
Way = Callable[[User], str]


@pytest.fixture
def staff_need_two(settings: Any) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True


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


def by_mail(user: User) -> str:
    """What whoever reads the mailbox does: report, choose a password by the form that follows, sign in. The refusal, if any."""
    path, _, token = report(token_for(user)).partition("?token=")
    Client().post(path, {"token": token, "new_password": NEW})
    return outcome(App().sign_in(str(user.email), NEW))[1]


def by_the_old_address(user: User) -> str:
    """The same with the mail that told the old address of a change, once its owner has moved on."""
    token = mailed.url(MailedAct.UNDO_EMAIL_CHANGE, user, email="old@example.com").partition("?token=")[2]
    assert App().post("/auth/email/change/undo/", {"token": token}).status_code == 204
    for letter in letters("old@example.com"):
        App().post(RESET_CONFIRM, {"token": letter.token, "new_password": NEW})
    return outcome(App().sign_in("old@example.com", NEW))[1]


@pytest.mark.parametrize("way", [by_mail, by_the_old_address])
def test_L08_a_mailbox_does_not_take_the_first_app_of_staff_away(alice: User, staff_need_two: None, way: Way) -> None:
    User.objects.filter(id=alice.id).update(is_staff=True)
    challenge = App().sign_in("alice@example.com").json()["challenge"]
    phone = Phone(App().post(ENROL, {"challenge": challenge}).json()["secret"])
    body = {"challenge": challenge, "code": phone.code()}
    assert App().post(ENROL + "confirm/", body).status_code == 200
    assert way(User.objects.get(id=alice.id)) == "mfa_required"
    assert recovery_codes.left(alice.id) == 10


@pytest.mark.parametrize("way", [by_mail, by_the_old_address])
def test_L08_a_mailbox_does_not_take_an_app_away_that_came_for_an_older_one(alice: User, way: Way) -> None:
    with long_ago():
        enrolled(alice)
    totp.remove(alice.id, source=NOWHERE)
    enrolled(alice)
    assert way(alice) == "mfa_required"


@pytest.mark.parametrize("way", [by_mail, by_the_old_address])
def test_an_app_that_came_for_one_as_new_goes(alice: User, way: Way) -> None:
    """Else somebody who got in would enrol twice, and their app would stay."""
    enrolled(alice)
    totp.remove(alice.id, source=NOWHERE)
    enrolled(alice)
    assert way(alice) == ""
    assert not factors.has_authenticator(alice.id)


def test_L08_new_passkey_of_staff_goes_and_their_app_stays(alice: User, staff_need_two: None) -> None:
    """A passkey is a way in by itself, so what was added lately goes whatever the role demands."""
    User.objects.filter(id=alice.id).update(is_staff=True)
    enrolled(alice)
    key = passkey_of(alice)
    assert by_mail(alice) == "mfa_required"
    assert outcome(App().post(AUTHENTICATE, passkey_answer(key))) == (400, "invalid_credential")


@pytest.mark.parametrize("way", [by_mail, by_the_old_address])
def test_L08_staff_without_a_factor_of_before_are_closed_until_an_administrator_looks(
    alice: User, root_app: App, staff_need_two: None, way: Way
) -> None:
    """Neither the passkey of a thief may stay, nor may the mailbox set up a second factor of its own."""
    User.objects.filter(id=alice.id).update(is_staff=True)
    passkey_of(alice)
    assert way(User.objects.get(id=alice.id)) == "invalid_credentials"
    assert not User.objects.get(id=alice.id).is_active
    assert not alice.passkeys.exists()
    assert root_app.post(f"/api/v1/users/{alice.id}/enable/").status_code == 200
    App().post(RESET, {"email": User.objects.get(id=alice.id).email})
    assert last_letter(str(User.objects.get(id=alice.id).email)).template == "reset_password"


def test_L08_staff_who_have_set_nothing_up_are_not_closed(alice: User, staff_need_two: None) -> None:
    User.objects.filter(id=alice.id).update(is_staff=True)
    assert by_mail(alice) == "mfa_enrolment_required"


def test_a_sign_in_that_was_linked_lately_goes(alice: User) -> None:
    FederatedIdentity.objects.create(user=alice, provider="google", issuer="https://issuer.example", subject="mallory")
    report(token_for(alice))
    assert not alice.identities.exists()
