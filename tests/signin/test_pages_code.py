"""Signing in by mail on the pages: the code, the link, and who is meant."""

import pytest
from pytest_django import Settings

from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.mailbox import last_letter, letters
from tests.support.pages import CODE, ENTER, SECOND_STEP, UNKNOWN, hidden, seen, signed_in, text, visitor, who
from tests.support.phone import enrolled


@pytest.fixture
def asked(alice: User) -> Browser:
    """Has asked for a code for Alice."""
    browser = visitor()
    answer = browser.post(CODE, {"email": alice.email, "next": "/api/v1/me/"})
    assert (answer.status_code, answer.headers["Location"]) == (303, ENTER)
    return browser


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06}"


def test_code_of_the_mail_signs_in(alice: User, asked: Browser) -> None:
    assert alice.email in text(asked.get(ENTER))
    answer = asked.post(ENTER, {"code": last_letter(alice.email).code})
    assert (answer.status_code, answer.headers["Location"], who(asked)) == (303, "/api/v1/me/", alice.email)
    assert Device.objects.get().acr == "email"


@pytest.mark.parametrize("typed", ["{0}{1} ", " {0}{1}", "{0} {1}", "{0}\u00a0{1}", " {0}-{1} "])
def test_code_may_be_pasted_with_the_gap_of_the_mail(alice: User, asked: Browser, typed: str) -> None:
    code = last_letter(alice.email).code
    assert asked.post(ENTER, {"code": typed.format(code[:3], code[3:])}).status_code == 303


def test_wrong_code_is_told_beside_the_field(alice: User, asked: Browser) -> None:
    code = last_letter(alice.email).code
    refused = asked.post(ENTER, {"code": wrong(code)})
    assert (refused.status_code, asked.cookie) == (400, "")
    assert 'id="id_code-error">The code is not right' in text(refused)
    assert asked.post(ENTER, {"code": code}).status_code == 303


def test_code_typed_in_a_browser_that_did_not_ask_opens_nothing(alice: User, asked: Browser) -> None:
    other = visitor()
    answer = other.post(ENTER, {"code": last_letter(alice.email).code})
    assert (answer.headers["Location"], other.cookie) == (CODE, "")
    assert asked.post(ENTER, {"code": last_letter(alice.email).code}).status_code == 303


def test_second_factor_is_still_asked_for(alice: User, asked: Browser) -> None:
    phone = enrolled(alice)
    page = asked.post(ENTER, {"code": last_letter(alice.email).code})
    assert (page.status_code, asked.cookie) == (200, "")
    fields = {name: hidden(page, name) for name in ("challenge", "method", "next")}
    assert asked.post(SECOND_STEP, {**fields, "code": phone.code()}).headers["Location"] == "/api/v1/me/"


def test_L02_opening_the_link_signs_nobody_in(alice: User, asked: Browser) -> None:
    token, scanner = last_letter(alice.email).token, Browser()
    for _ in range(5):
        assert scanner.get(f"{CODE}?token={token}").status_code == 200
    assert (scanner.cookie, Device.objects.count()) == ("", 0)
    assert asked.post(CODE, {"token": token}).headers["Location"] == "/api/v1/me/"
    assert who(asked) == alice.email


def test_L01_link_and_code_are_good_once_together(alice: User, asked: Browser) -> None:
    letter = last_letter(alice.email)
    assert asked.post(CODE, {"token": letter.token}).status_code == 303
    other = visitor()
    # The page says so already: nobody is asked to press a button that cannot work.
    assert other.get(f"{CODE}?token={letter.token}").status_code == 400
    assert other.post(CODE, {"token": letter.token}).status_code == 400
    assert other.post(ENTER, {"code": letter.code}).status_code != 200
    assert other.cookie == ""


def test_L18_page_says_whose_link_it_is_and_leaves_somebody_else_signed_in(alice: User, bob: User, asked: Browser) -> None:
    bobs, token = signed_in(bob), last_letter(alice.email).token
    page = text(bobs.get(f"{CODE}?token={token}"))
    assert alice.email in page
    assert f"signed in as <strong>{bob.email}</strong>" in page
    assert who(bobs) == bob.email
    bobs.post(CODE, {"token": token})
    assert who(bobs) == alice.email


@pytest.mark.parametrize("token", ["x", "a.b.c", "é"])
def test_forged_link_says_so_and_offers_a_new_one(db: None, token: str) -> None:
    browser = visitor()
    for answer in (browser.get(CODE, token=token), browser.get(f"{CODE}?token={token}"), browser.post(CODE, {"token": token})):
        assert answer.status_code in {200, 400}
    assert "This link no longer works" in text(browser.post(CODE, {"token": token}))


def test_E01_page_answers_alike_for_an_unknown_address(alice: User) -> None:
    assert seen(alice.email, CODE, ENTER) == seen(UNKNOWN, CODE, ENTER)
    assert (len(letters(alice.email)), letters(UNKNOWN)) == (1, [])


def test_code_by_mail_that_is_turned_off_says_so(alice: User, settings: Settings) -> None:
    settings.EMAIL_CODE_SIGN_IN = False
    answer = visitor().post(CODE, {"email": alice.email})
    assert (answer.status_code, "not offered here" in text(answer)) == (400, True)
