"""The second step of a sign-in on a page: the factor, the switch between factors, what is remembered, setting one up."""

import json
from datetime import timedelta

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone
from pytest_django import Settings

from accounts.devices.models import Device
from accounts.mfa import factors
from accounts.mfa.models import Authenticator
from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.mailbox import notices
from tests.support.pages import SECOND_STEP, SET_UP, hidden, text, to_second_step, visitor, who
from tests.support.phone import Phone, enrolled
from tests.support.ways import passkey_of, password


@pytest.fixture
def phone(alice: User) -> Phone:
    return enrolled(alice)


@pytest.fixture
def browser(db: None) -> Browser:
    return visitor()


def test_page_asks_for_the_code_and_signs_in(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser, "/api/v1/me/")
    assert (fields["method"], browser.cookie) == ("totp", "")
    answer = browser.post(SECOND_STEP, {**fields, "code": phone.code()})
    assert (answer.status_code, answer.headers["Location"], who(browser)) == (303, "/api/v1/me/", alice.email)
    assert Device.objects.get().acr == "aal2"


def test_wrong_code_is_told_beside_the_field_and_the_right_one_still_counts(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    refused = browser.post(SECOND_STEP, {**fields, "code": phone.wrong_code()})
    assert (refused.status_code, browser.cookie) == (400, "")
    assert 'id="id_code-error">The code is not right' in text(refused)
    assert phone.wrong_code() not in text(refused)
    again = {name: hidden(refused, name) for name in ("challenge", "method", "next")}
    assert browser.post(SECOND_STEP, {**again, "code": phone.code()}).status_code == 303


def test_recovery_code_is_a_switch_away(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    switched = browser.post(SECOND_STEP, {**fields, "switch": "recovery_code"})
    assert (switched.status_code, hidden(switched, "method")) == (200, "recovery_code")
    answer = browser.post(SECOND_STEP, {**fields, "method": "recovery_code", "code": phone.recovery_codes[3]})
    assert (answer.status_code, who(browser)) == (303, alice.email)


@pytest.mark.parametrize("options", ["[" * 3000, '{"a":' * 3000, "1" * 10_000, "[]", "{", r'{"a": "\ud800"}'])
def test_S02_junk_in_the_hidden_options_only_takes_the_passkey_away(
    alice: User, phone: Phone, browser: Browser, options: str
) -> None:
    passkey_of(alice)
    fields = {**to_second_step(alice, browser), "switch": "passkey"}
    assert hidden(browser.post(SECOND_STEP, fields), "method") == "passkey"
    junk = browser.post(SECOND_STEP, {**fields, "options": options})
    assert (junk.status_code, hidden(junk, "method")) == (200, "totp")


def test_passkey_confirms_with_the_request_on_the_page(alice: User, phone: Phone, browser: Browser) -> None:
    key = passkey_of(alice)
    fields = to_second_step(alice, browser)
    assert fields["method"] == "passkey"
    credential = json.dumps(key.get(json.loads(fields["options"])))
    assert browser.post(SECOND_STEP, {**fields, "credential": credential}).status_code == 303


def test_passkey_that_failed_is_not_offered_again_and_the_app_is(alice: User, phone: Phone, browser: Browser) -> None:
    passkey_of(alice)
    fields = to_second_step(alice, browser)
    somebody_elses = passkey_of(User.objects.create_user("eve@example.com"))
    credential = json.dumps(somebody_elses.get(json.loads(fields["options"])))
    refused = browser.post(SECOND_STEP, {**fields, "credential": credential})
    assert (refused.status_code, hidden(refused, "method"), browser.cookie) == (400, "totp", "")
    assert browser.post(SECOND_STEP, {**fields, "method": "totp", "code": phone.code()}).status_code == 303


@pytest.mark.parametrize("credential", ["", "{", "[]", '{"id": "x"}'])
def test_passkey_answer_that_is_none_is_told_on_the_page(alice: User, phone: Phone, browser: Browser, credential: str) -> None:
    passkey_of(alice)
    refused = browser.post(SECOND_STEP, {**to_second_step(alice, browser), "credential": credential})
    assert (refused.status_code, hidden(refused, "method"), browser.cookie) == (400, "totp", "")


def test_our_own_trouble_is_503_and_not_a_wrong_code(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    Authenticator.objects.update(secret_encrypted="broken")
    assert browser.post(SECOND_STEP, {**fields, "code": phone.code()}).status_code == 503


@pytest.mark.parametrize("broken", ["", "x", "a.b.c"])
def test_P21_forged_challenge_leads_back_to_the_sign_in(alice: User, phone: Phone, browser: Browser, broken: str) -> None:
    fields = to_second_step(alice, browser)
    for more in ({"code": phone.code()}, {"switch": "recovery_code"}):
        refused = browser.post(SECOND_STEP, {**fields, "challenge": broken, **more})
        assert (refused.status_code, "This step has run out" in text(refused), browser.cookie) == (400, True, "")
    assert browser.post(SECOND_STEP, {**fields, "code": phone.code()}).status_code == 303


def test_P21_challenge_that_ran_out_leads_back(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        refused = browser.post(SECOND_STEP, {**fields, "code": phone.code()})
    assert (refused.status_code, "This step has run out" in text(refused), browser.cookie) == (400, True, "")


def test_P07_sixth_try_with_one_challenge_leads_back(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    for _ in range(5):
        refused = browser.post(SECOND_STEP, {**fields, "code": phone.wrong_code()})
        assert "This step has run out" not in text(refused)
    last = browser.post(SECOND_STEP, {**fields, "code": phone.code()})
    assert ("This step has run out" in text(last), browser.cookie) == (True, "")


def test_P08_challenge_of_an_app_is_worth_nothing_on_a_page(alice: User, phone: Phone, browser: Browser) -> None:
    token = password(alice).json()["challenge"]
    refused = browser.post(SECOND_STEP, {"challenge": token, "method": "totp", "code": phone.code()})
    assert (refused.status_code, browser.cookie) == (400, "")


def test_second_step_is_not_asked_again_where_it_was_remembered(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    browser.post(SECOND_STEP, {**fields, "code": phone.code(), "remember": "on"})
    browser.post("/account/sign-out/")
    browser.get("/account/sign-in/")
    assert browser.sign_in(alice.email).status_code == 303
    with time_machine.travel(timezone.now() + django_settings.MFA_REMEMBERED_FOR + timedelta(minutes=1)):
        assert browser.sign_in(alice.email).status_code == 200


def test_second_step_is_asked_again_where_it_was_not(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    browser.post(SECOND_STEP, {**fields, "code": phone.code()})
    browser.get("/account/sign-in/")
    assert browser.sign_in(alice.email).status_code == 200


def test_known_browser_is_no_new_device_after_a_second_step(alice: User, phone: Phone, browser: Browser) -> None:
    fields = to_second_step(alice, browser)
    browser.post(SECOND_STEP, {**fields, "code": phone.code()})
    for steps, visit in ((1, browser), (2, visitor())):
        with time_machine.travel(timezone.now() + timedelta(seconds=30 * steps)):
            visit.get("/account/sign-in/")
            visit.post(SECOND_STEP, {**to_second_step(alice, visit), "code": phone.code()})
    assert (Device.objects.count(), len(notices("new_device"))) == (3, 2)


def test_pages_opened_on_their_own_lead_to_the_sign_in(browser: Browser) -> None:
    for path in (SECOND_STEP, SET_UP):
        answer = browser.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sign-in/?next=%2Faccount%2Fsecurity%2F")


@pytest.fixture
def demanding(settings: Settings) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True


def test_staff_set_up_an_app_at_the_sign_in(superuser: User, demanding: None, browser: Browser) -> None:
    page = browser.sign_in(superuser.email, target="/admin/")
    assert (page.status_code, browser.cookie) == (200, "")
    assert "<svg role=" in text(page)
    secret = text(page).partition('class="secret" aria-describedby="secret-hint">')[2].partition("<")[0].replace(" ", "")
    fields = {name: hidden(page, name) for name in ("challenge", "next")}
    wrong = browser.post(SET_UP, {**fields, "code": Phone(secret).wrong_code()})
    assert (wrong.status_code, "The code is not right" in text(wrong), browser.cookie) == (400, True, "")
    done = browser.post(SET_UP, {**fields, "code": Phone(secret).code()})
    assert (done.status_code, text(done).count("<li><code>")) == (200, 10)
    assert factors.has_authenticator(superuser.id)
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize("code", ["", "123456"])
def test_P21_set_up_without_a_live_challenge_leads_back(browser: Browser, code: str) -> None:
    for challenge in ("", "x"):
        refused = browser.post(SET_UP, {"challenge": challenge, "code": code})
        assert (refused.status_code, "This step has run out" in text(refused)) == (400, True)


def test_P09_admin_asks_a_device_from_before_the_demand_to_sign_in_again(
    superuser: User, browser: Browser, settings: Settings
) -> None:
    browser.sign_in(superuser.email)
    assert browser.get("/admin/").status_code == 200
    settings.REQUIRE_MFA_FOR_STAFF = True
    refused = browser.get("/admin/")
    assert (refused.status_code, refused.headers["Location"].partition("?")[0]) == (302, "/admin/login/")
    assert browser.get(refused.headers["Location"]).headers["Location"].startswith("/account/sign-in/")
