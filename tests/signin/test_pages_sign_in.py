"""The sign-in page: what leads on from it, by password and by passkey."""

import json
import re

import pytest
from pytest_django import Settings

from accounts.devices.models import Device
from accounts.federation import providers
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.mailbox import last_letter, letters
from tests.support.pages import SIGN_IN, SIGN_UP, VERIFY, passkey_fields, sign_up, signed_in, text, visitor, who
from tests.support.ways import TOKEN, outcome, passkey_of

PASSKEY = "/account/sign-in/passkey/"
NEW = "new@example.com"


@pytest.fixture
def key(alice: User) -> Authenticator:
    return passkey_of(alice)


def test_right_password_leads_to_the_page_that_was_asked_for(alice: User) -> None:
    browser = visitor()
    answer = browser.sign_in(alice.email, target="/api/v1/me/")
    assert (answer.status_code, answer.headers["Location"], who(browser)) == (303, "/api/v1/me/", alice.email)


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "///evil.example", "x"]
)
def test_A09_next_leads_only_to_a_path_of_ours(alice: User, elsewhere: str) -> None:
    assert visitor().sign_in(alice.email, target=elsewhere).headers["Location"] == "/account/security/"


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP])
def test_somebody_who_is_signed_in_is_told_and_may_go_on(alice: User, path: str) -> None:
    page = text(signed_in(alice).get(f"{path}?next=/account/profile/"))
    assert "You are signed in as <strong>alice@example.com</strong>" in page
    assert re.search(r'href="/account/profile/"[^>]*>Continue<', page)
    assert "You are signed in as" not in text(visitor().get(path))


@pytest.mark.parametrize("asking", ["/account/consent/?request=x", "/admin/"])
def test_what_asks_for_another_account_is_not_gone_back_to(alice: User, asking: str) -> None:
    page = text(signed_in(alice).get(f"{SIGN_IN}?next={asking}"))
    assert "You are signed in as" in page
    assert ">Continue<" not in page


@pytest.mark.parametrize("fields", [{}, {"email": "alice@example.com"}, {"password": PASSWORD}])
def test_missing_field_is_named_beside_it(alice: User, fields: dict[str, str]) -> None:
    answer = visitor().post(SIGN_IN, fields)
    assert (answer.status_code, "Fill in this field." in text(answer)) == (400, True)


def test_password_is_never_written_back(alice: User) -> None:
    assert "my secret guess" not in text(visitor().sign_in(alice.email, "my secret guess"))


def test_unverified_address_with_the_right_password_gets_a_new_code(db: None) -> None:
    sign_up(visitor(), NEW)
    browser = visitor()
    answer = browser.sign_in(NEW, target="/api/v1/me/")
    assert (answer.status_code, answer.headers["Location"], len(letters(NEW))) == (303, VERIFY, 2)
    assert NEW in text(browser.get(VERIFY))
    done = browser.post(VERIFY, {"code": last_letter(NEW).code})
    assert (done.headers["Location"], who(browser)) == ("/api/v1/me/", NEW)


def test_unverified_address_with_a_wrong_password_gets_nothing(alice: User) -> None:
    User.objects.update(email_verified_at=None)
    assert visitor().sign_in(alice.email, "wrong").status_code == 400
    assert letters(alice.email) == []


def test_app_that_is_told_email_unverified_gets_a_new_code_too(alice: User) -> None:
    User.objects.update(email_verified_at=None)
    body = {"email": alice.email, "password": PASSWORD}
    assert outcome(App().post(TOKEN, body)) == (401, "email_unverified")
    assert last_letter(alice.email).template == "verify_email"
    App().post(TOKEN, {**body, "password": "wrong"})
    assert len(letters(alice.email)) == 1
    for _ in range(5):
        App().post(TOKEN, body)
    assert len(letters(alice.email)) == 3  # what postage allows


def test_sign_in_keeps_the_handle_of_a_registration_made_here(db: None) -> None:
    browser = visitor()
    sign_up(browser, NEW)
    browser.sign_in(NEW)
    browser.post(VERIFY, {"token": last_letter(NEW).token})
    assert User.objects.get(email=NEW).has_usable_password()


def test_passkey_signs_in(alice: User, key: Authenticator) -> None:
    browser = visitor()
    answer = browser.post(PASSKEY, {**passkey_fields(browser, key), "next": "/api/v1/me/"})
    assert (answer.status_code, answer.headers["Location"], who(browser)) == (303, "/api/v1/me/", alice.email)
    assert Device.objects.get().acr == "aal2"


def test_P14_passkey_answer_is_good_once_and_only_whole(alice: User, key: Authenticator) -> None:
    browser = visitor()
    fields = passkey_fields(browser, key)
    for lie in ({"challenge": "x"}, {"credential": "{"}, {"credential": "[]"}, {"credential": "[" * 60}):
        refused = browser.post(PASSKEY, {**fields, **lie})
        assert (refused.status_code, browser.cookie) == (400, ""), lie
    assert browser.post(PASSKEY, fields).status_code == 303
    browser.post("/account/sign-out/")
    browser.get(SIGN_IN)
    again = browser.post(PASSKEY, fields)
    assert (again.status_code, browser.cookie) == (400, "")


def test_passkey_page_opened_or_sent_empty_leads_back(db: None) -> None:
    browser = visitor()
    for answer in (browser.get(PASSKEY), browser.post(PASSKEY, {})):
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{SIGN_IN}?next=%2Faccount%2Fsecurity%2F")


def test_code_by_mail_is_offered_only_where_it_is_on(db: None, settings: Settings) -> None:
    assert "/account/code/" in text(Browser().get(SIGN_IN))
    settings.EMAIL_CODE_SIGN_IN = False
    assert "/account/code/" not in text(Browser().get(SIGN_IN))


def test_only_providers_that_a_browser_can_be_sent_to_have_a_button(db: None, settings: Settings) -> None:
    endpoints = {"authorization_endpoint": "https://op.example/a", "token_endpoint": "https://op.example/t"}
    known = {"issuer": "https://op.example", "jwks_uri": "https://op.example/k", "client_ids": ["app"], **endpoints}
    both = {"web": {**known, "label": "Webby", "client_id": "app"}, "native": {**known, "label": "Nativy"}}
    settings.FEDERATED_PROVIDERS = providers.parse(json.dumps(both))
    page = text(Browser().get(f"{SIGN_IN}?next=/api/v1/me/"))
    assert "Sign in with Webby" in page
    assert "/account/federated/web/?next=%2Fapi%2Fv1%2Fme%2F" in page
    assert "Nativy" not in page


def test_next_goes_along_to_joining(db: None) -> None:
    assert f"{SIGN_UP}?next=%2Fapi%2Fv1%2Fme%2F" in text(Browser().get(f"{SIGN_IN}?next=/api/v1/me/"))


def test_C08_second_sign_in_in_one_browser_takes_the_place_of_the_first(alice: User, bob: User) -> None:
    browser = signed_in(alice)
    browser.sign_in(bob.email)
    assert who(browser) == bob.email
