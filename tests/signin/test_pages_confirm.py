"""A fresh proof on a page: by what the account and the device ask for, and back to where one was (SECURITY R-27)."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import PASSWORD
from tests.support.browser import Browser
from tests.support.mailbox import last_letter
from tests.support.pages import CODE, CONFIRM, ENTER, OPTIONS, SECOND_STEP, hidden, signed_in, text, visitor, who
from tests.support.phone import enrolled
from tests.support.ways import passkey_of

SECURITY = "/account/security/"


@pytest.fixture
def stale(alice: User) -> Iterator[Browser]:
    """Alice's browser, an hour after she signed in."""
    browser = signed_in(alice)
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        yield browser


def auth_time() -> int:
    return Device.objects.get(transport=Device.Transport.COOKIE).auth_time


def test_password_makes_the_proof_fresh_and_leads_back(stale: Browser) -> None:
    before = auth_time()
    assert 'name="code" type="password"' in text(stale.get(f"{CONFIRM}?next={SECURITY}"))
    answer = stale.post(CONFIRM, {"method": "password", "code": PASSWORD, "next": SECURITY})
    assert (answer.status_code, answer.headers["Location"], auth_time() - before >= 3600) == (303, SECURITY, True)
    assert stale.post("/account/security/sign-out-others/").headers["Location"] == SECURITY


def test_wrong_password_is_told_beside_the_field(stale: Browser) -> None:
    before = auth_time()
    refused = stale.post(CONFIRM, {"method": "password", "code": "wrong", "next": SECURITY})
    assert (refused.status_code, auth_time()) == (400, before)
    assert "The password is not right." in text(refused)


def test_A09_next_leads_only_to_a_path_of_ours(stale: Browser) -> None:
    fields = {"method": "password", "code": PASSWORD, "next": "//evil.example/"}
    assert stale.post(CONFIRM, fields).headers["Location"] == "/account/security/"


def test_stranger_is_led_to_the_sign_in(db: None) -> None:
    browser = visitor()
    for answer in (browser.get(f"{CONFIRM}?next={SECURITY}"), browser.post(CONFIRM, {"next": SECURITY})):
        assert answer.headers["Location"] == "/account/sign-in/?next=%2Faccount%2Fsecurity%2F"


def test_P10_who_has_an_authenticator_app_confirms_by_it_and_not_by_password(alice: User, stale: Browser) -> None:
    phone, before = enrolled(alice), auth_time()
    page = text(stale.get(CONFIRM))
    assert "Code of your authenticator app" in page
    assert "Use your password" not in page
    refused = stale.post(CONFIRM, {"method": "password", "code": PASSWORD})
    assert (refused.status_code, auth_time()) == (400, before)
    assert stale.post(CONFIRM, {"method": "totp", "code": phone.code()}).status_code == 303
    assert Device.objects.get().acr == "aal2"


def test_recovery_code_is_a_link_away(alice: User, stale: Browser) -> None:
    phone = enrolled(alice)
    assert "Recovery code" in text(stale.get(f"{CONFIRM}?with=recovery_code"))
    assert stale.post(CONFIRM, {"method": "recovery_code", "code": phone.recovery_codes[0]}).status_code == 303


def test_passkey_confirms(alice: User, stale: Browser) -> None:
    key = passkey_of(alice)
    asked = stale.send("POST", OPTIONS, {"email": alice.email}, X_CSRFToken=stale.csrf).json()
    fields = {"method": "passkey", "challenge": asked["challenge"], "credential": json.dumps(key.get(asked["publicKey"]))}
    assert stale.post(CONFIRM, {**fields, "credential": "{"}).status_code == 400
    assert stale.post(CONFIRM, fields).status_code == 303


def test_mailed_code_confirms_where_there_is_nothing_else(alice: User, stale: Browser) -> None:
    User.objects.filter(id=alice.id).update(password="!")
    assert 'name="mail"' in text(stale.get(CONFIRM))
    asked = stale.post(CONFIRM, {"method": "email", "mail": "1", "next": SECURITY})
    assert (asked.status_code, asked.headers["Location"]) == (303, f"{CONFIRM}?with=email&next=%2Faccount%2Fsecurity%2F")
    assert "Six digits from the mail" in text(stale.get(asked.headers["Location"]))
    answer = stale.post(CONFIRM, {"method": "email", "code": last_letter(alice.email).code, "next": SECURITY})
    assert (answer.status_code, answer.headers["Location"]) == (303, SECURITY)


def test_code_of_somebody_else_confirms_nothing(alice: User, bob: User, stale: Browser) -> None:
    User.objects.filter(id=alice.id).update(password="!")
    bobs = visitor()
    bobs.post("/account/code/", {"email": bob.email})
    stale.post(CONFIRM, {"method": "email", "mail": "1"})
    refused = stale.post(CONFIRM, {"method": "email", "code": last_letter(bob.email).code, "challenge": bobs.value("code")})
    assert refused.status_code == 400
    assert stale.post(CONFIRM, {"method": "email", "code": last_letter(alice.email).code}).status_code == 303


@pytest.fixture
def by_codes(alice: User) -> Browser:
    """Alice's browser, signed in by a mailed code and her app's."""
    phone, browser = enrolled(alice), visitor()
    browser.post(CODE, {"email": alice.email})
    page = browser.post(ENTER, {"code": last_letter(alice.email).code})
    browser.post(SECOND_STEP, {"challenge": hidden(page, "challenge"), "method": "totp", "code": phone.code()})
    assert who(browser) == alice.email
    return browser


def test_signed_in_by_codes_alone_the_password_makes_two_factors(by_codes: Browser) -> None:
    assert 'name="code" type="password"' in text(by_codes.get(f"{CONFIRM}?next={SECURITY}"))
    answer = by_codes.post(CONFIRM, {"method": "password", "code": PASSWORD, "next": SECURITY})
    assert (answer.headers["Location"], Device.objects.get().acr) == (SECURITY, "aal2")


def test_signed_in_by_codes_alone_without_a_password_leads_to_the_sign_in_and_never_in_a_circle(
    alice: User, by_codes: Browser
) -> None:
    User.objects.filter(id=alice.id).update(password="!")
    answer = by_codes.get(f"{CONFIRM}?next={SECURITY}")
    assert answer.headers["Location"] == "/account/sign-in/?next=%2Faccount%2Fsecurity%2F"
    passkey_of(alice)
    assert "Use your passkey" in text(by_codes.get(CONFIRM))


def test_device_that_was_ended_confirms_nothing(alice: User, stale: Browser) -> None:
    Device.objects.update(revoked_at=timezone.now())
    answer = stale.post(CONFIRM, {"method": "password", "code": PASSWORD})
    assert answer.headers["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("method", ["", "password", "nothing", "totp"])
def test_nothing_typed_confirms_nothing(stale: Browser, method: str) -> None:
    before = auth_time()
    assert stale.post(CONFIRM, {"method": method}).status_code == 400
    assert auth_time() == before
