"""Joining on the pages, and showing that the address is one's own (SECURITY L-02, L-10, L-18)."""

import pytest
from pytest_django import Settings

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.app import PASSWORD
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.mailbox import last_letter, letters
from tests.support.pages import (
    CHOOSE,
    NEW_PASSWORD,
    SIGN_UP,
    SIGN_UP_OPTIONS,
    UNKNOWN,
    VERIFY,
    passkey_fields,
    seen,
    sign_up,
    signed_in,
    text,
    visitor,
    who,
)
from tests.support.ways import opens

NEW, RESEND, SIGN_UP_PASSKEY = "new@example.com", "/account/verify/resend/", "/account/sign-up/passkey/"


@pytest.fixture
def joining(db: None) -> Browser:
    """Has just signed up."""
    browser = visitor()
    answer = sign_up(browser, NEW, next="/api/v1/me/")
    assert (answer.status_code, answer.headers["Location"]) == (303, VERIFY)
    return browser


def test_code_signs_in_and_the_password_stays(joining: Browser) -> None:
    assert NEW in text(joining.get(VERIFY))
    answer = joining.post(VERIFY, {"code": last_letter(NEW).code})
    assert (answer.headers["Location"], who(joining), opens(NEW, PASSWORD)) == ("/api/v1/me/", NEW, True)


def test_wrong_code_is_told_beside_the_field(joining: Browser) -> None:
    code = last_letter(NEW).code
    refused = joining.post(VERIFY, {"code": f"{(int(code) + 1) % 10**6:06}"})
    assert (refused.status_code, joining.cookie) == (400, "")
    assert 'id="id_code-error">The code is not right' in text(refused)
    assert joining.post(VERIFY, {"code": code}).status_code == 303


def test_L10_code_typed_in_another_browser_verifies_and_asks_for_a_password(joining: Browser) -> None:
    other = visitor()
    assert 'name="email"' in text(other.get(VERIFY))
    answer = other.post(VERIFY, {"email": NEW, "code": last_letter(NEW).code})
    assert answer.headers["Location"] == "/account/choose-password/?next=%2Faccount%2Fsecurity%2F"
    assert (who(other), opens(NEW, PASSWORD)) == (NEW, False)


def test_resend_voids_the_code_before(joining: Browser) -> None:
    before = last_letter(NEW).code
    answer = joining.post(RESEND)
    assert (answer.headers["Location"], len(letters(NEW))) == (VERIFY, 2)
    assert "a new code is on its way" in text(joining.get(VERIFY))
    if before != last_letter(NEW).code:
        assert joining.post(VERIFY, {"code": before}).status_code == 400
    assert joining.post(VERIFY, {"code": last_letter(NEW).code}).status_code == 303


def test_L02_opening_the_link_verifies_nothing(joining: Browser) -> None:
    token, scanner = last_letter(NEW).token, Browser()
    for _ in range(5):
        assert scanner.get(f"{VERIFY}?token={token}").status_code == 200
    assert (User.objects.get(email=NEW).email_verified_at, Device.objects.count()) == (None, 0)
    assert joining.post(VERIFY, {"token": token}).status_code == 303
    assert User.objects.get(email=NEW).email_verified_at is not None


def test_L10_link_in_the_browser_that_joined_keeps_the_password(joining: Browser) -> None:
    answer = joining.post(VERIFY, {"token": last_letter(NEW).token})
    assert (answer.headers["Location"], who(joining), opens(NEW, PASSWORD)) == ("/api/v1/me/", NEW, True)


def test_L10_link_in_another_browser_drops_it_and_asks_for_one(joining: Browser) -> None:
    owner = visitor()
    answer = owner.post(VERIFY, {"token": last_letter(NEW).token})
    assert (answer.headers["Location"], who(owner), opens(NEW, PASSWORD)) == (
        f"{CHOOSE}?next=%2Faccount%2Fsecurity%2F",
        NEW,
        False,
    )
    assert owner.get(answer.headers["Location"]).status_code == 200
    assert owner.post(CHOOSE, {"new_password": NEW_PASSWORD, "next": "/api/v1/me/"}).headers["Location"] == "/api/v1/me/"
    assert (opens(NEW, NEW_PASSWORD), who(owner)) == (True, NEW)


def test_L10_registration_of_somebody_else_keeps_nothing(joining: Browser) -> None:
    attacker = visitor()
    sign_up(attacker, "mallory@example.com", password="attackers own words")
    assert attacker.value("registration")
    owner = visitor()
    owner.http.cookies["registration"] = attacker.value("registration")
    assert owner.post(VERIFY, {"token": last_letter(NEW).token}).headers["Location"].startswith(CHOOSE)
    assert not opens(NEW, PASSWORD)


@pytest.mark.parametrize("cookie", ["x", "a.b.c", "eyJ9.e30."])
def test_L10_forged_registration_cookie_keeps_nothing(joining: Browser, cookie: str) -> None:
    token = last_letter(NEW).token
    joining.http.cookies["registration"] = cookie
    assert joining.post(VERIFY, {"token": token}).headers["Location"].startswith(CHOOSE)


def test_C07_doubled_registration_cookie_is_none(joining: Browser) -> None:
    value = joining.value("registration")
    page = joining.http.get(VERIFY, headers={"Cookie": f"registration={value}; registration={value}"})
    assert NEW not in page.content.decode()
    assert NEW in joining.http.get(VERIFY, headers={"Cookie": f"registration={value}"}).content.decode()


def test_L18_page_says_whose_link_it_is_and_leaves_somebody_else_signed_in(joining: Browser, bob: User) -> None:
    bobs, token = signed_in(bob), last_letter(NEW).token
    page = text(bobs.get(f"{VERIFY}?token={token}"))
    assert NEW in page
    assert f"signed in as <strong>{bob.email}</strong>" in page
    assert who(bobs) == bob.email
    assert Device.objects.filter(user=bob, revoked_at=None).count() == 1


def test_used_link_says_so(joining: Browser) -> None:
    token = last_letter(NEW).token
    joining.post(VERIFY, {"token": token})
    other = visitor()
    for answer in (other.get(f"{VERIFY}?token={token}x"), other.post(VERIFY, {"token": token})):
        assert (answer.status_code, "This link no longer works" in text(answer), other.cookie) == (400, True, "")


def test_E01_joining_looks_alike_for_an_address_that_has_an_account(alice: User) -> None:
    assert seen(alice.email, SIGN_UP, VERIFY, password=PASSWORD) == seen(UNKNOWN, SIGN_UP, VERIFY, password=PASSWORD)
    assert last_letter(alice.email).template == "already_registered"


def test_E01_resend_looks_alike_for_an_unknown_address(alice: User) -> None:
    assert seen(alice.email, RESEND, VERIFY) == seen(UNKNOWN, RESEND, VERIFY)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": "short"}, "Use at least 12 characters."),
        ({"password": "password1234"}, "one of those that are tried first"),
        ({"email": "not an address"}, "Enter a valid e-mail address."),
        ({"name": "two\nlines"}, "Use printable characters on one line."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(db: None, fields: dict[str, str], said: str) -> None:
    answer = sign_up(visitor(), **{"email": NEW, **fields})
    assert (answer.status_code, said in text(answer), User.objects.count()) == (400, True, 0)


def test_everything_that_is_wrong_is_said_at_once(db: None) -> None:
    page = text(sign_up(visitor(), "not an address", password="short"))
    assert "Enter a valid e-mail address." in page
    assert "Use at least 12 characters." in page


def test_refused_password_comes_with_advice_and_is_not_written_back(db: None) -> None:
    page = text(sign_up(visitor(), NEW, password="qwertyuiop"))
    assert "Add another word or two" in page
    assert "qwertyuiop" not in page


def test_joining_with_a_passkey_alone(db: None) -> None:
    browser, key = visitor(), Authenticator()
    fields = passkey_fields(browser, key, SIGN_UP_OPTIONS, email=NEW, name="Nia")
    answer = browser.post(SIGN_UP_PASSKEY, {**fields, "next": "/api/v1/me/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, VERIFY)
    assert browser.post(VERIFY, {"token": last_letter(NEW).token}).headers["Location"] == "/api/v1/me/"
    assert (User.objects.get().name, User.objects.get().passkeys.count()) == ("Nia", 1)
    again = visitor()
    assert again.post("/account/sign-in/passkey/", passkey_fields(again, key)).status_code == 303


def test_P14_passkey_of_a_sign_up_is_taken_once_and_only_whole(db: None) -> None:
    browser = visitor()
    fields = passkey_fields(browser, Authenticator(), SIGN_UP_OPTIONS, email=NEW)
    for lie in ({"challenge": "x"}, {"credential": "{"}, {"credential": '{"id": 1}'}):
        assert browser.post(SIGN_UP_PASSKEY, {**fields, **lie}).status_code == 400
    assert User.objects.count() == 0
    fields = passkey_fields(browser, Authenticator(), SIGN_UP_OPTIONS, email=NEW)
    assert browser.post(SIGN_UP_PASSKEY, fields).status_code == 303
    assert browser.post(SIGN_UP_PASSKEY, fields).status_code == 400


def test_choosing_a_password_is_for_those_without_one(alice: User) -> None:
    browser = signed_in(alice)
    for answer in (browser.get(CHOOSE), browser.post(CHOOSE, {"new_password": NEW_PASSWORD})):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/security/")
    assert opens(alice.email, PASSWORD)
    assert visitor().get(CHOOSE).headers["Location"].startswith("/account/sign-in/")


def test_staff_who_verify_by_mail_are_asked_to_sign_in(superuser: User, settings: Settings) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    User.objects.filter(id=superuser.id).update(email_verified_at=None)
    browser = visitor()
    browser.post(RESEND, {"email": superuser.email})
    answer = browser.post(VERIFY, {"token": last_letter(superuser.email).token})
    assert (answer.status_code, browser.cookie) == (303, "")
    assert answer.headers["Location"].startswith("/account/sign-in/")
