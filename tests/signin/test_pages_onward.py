"""Where somebody wanted to go and the address they typed come along by every way around the password."""

from html import unescape

import pytest

from accounts.users.models import User
from tests.support.browser import Answer, Browser
from tests.support.mailbox import last_letter
from tests.support.pages import CODE, NEW_PASSWORD, RESET, RESET_CODE, SIGN_IN, SIGN_UP, VERIFY, sign_up, text, visitor

TARGET = "/oauth/authorize?client_id=x&state=y"
ONWARD = "next=%2Foauth%2Fauthorize%3Fclient_id%3Dx%26state%3Dy"
ALICE = "alice@example.com"


def links(answer: Answer) -> str:
    return unescape(text(answer))


@pytest.fixture
def asked(alice: User) -> Browser:
    """Went from the sign-in page to a reset, and has asked for the mail."""
    browser = visitor()
    assert browser.post(RESET, {"email": ALICE, "next": TARGET}).headers["Location"] == RESET_CODE
    return browser


@pytest.mark.parametrize("page", [RESET, CODE, SIGN_UP])
def test_sign_in_leads_there_with_the_target(db: None, page: str) -> None:
    assert f'href="{page}?{ONWARD}' in links(visitor().get(f"{SIGN_IN}?{ONWARD}"))


@pytest.mark.parametrize("page", [RESET, CODE])
def test_address_of_a_failed_sign_in_comes_along(alice: User, page: str) -> None:
    refused = visitor().post(SIGN_IN, {"email": ALICE, "password": "wrong password", "next": TARGET})
    link = f"{page}?{ONWARD}&login_hint=alice%40example.com"
    assert f'href="{link}"' in links(refused)
    assert f'value="{ALICE}"' in text(visitor().get(link))


@pytest.mark.parametrize("page", [RESET, CODE])
def test_page_that_asks_for_the_address_goes_back_with_the_target(db: None, page: str) -> None:
    answer = links(visitor().get(f"{page}?{ONWARD}"))
    assert f'href="{SIGN_IN}?{ONWARD}"' in answer
    assert f'name="next" value="{TARGET}"' in answer


def test_reset_ends_on_the_way_to_the_target_with_the_address_filled_in(asked: Browser) -> None:
    done = asked.post(RESET_CODE, {"code": last_letter(ALICE).code, "new_password": NEW_PASSWORD})
    link = f"{SIGN_IN}?{ONWARD}&login_hint=alice%40example.com"
    assert f'href="{link}"' in links(done)
    page = links(asked.get(link))
    assert f'value="{ALICE}"' in page
    assert f'name="next" value="{TARGET}"' in page


def test_link_ends_there_too_in_the_browser_that_asked_and_in_no_other(asked: Browser) -> None:
    fields = {"token": last_letter(ALICE).token, "new_password": NEW_PASSWORD}
    other = visitor()
    assert ONWARD not in links(other.get(f"{RESET}?token={fields['token']}"))
    assert f'href="{SIGN_IN}?{ONWARD}&login_hint' in links(asked.post(RESET, fields))


def test_reset_for_another_address_keeps_the_target(asked: Browser) -> None:
    page = links(asked.get(RESET_CODE))
    assert f'href="{RESET}?{ONWARD}"' in page
    assert f'name="next" value="{TARGET}"' in page


def test_link_that_no_longer_works_leads_on_with_the_target(asked: Browser) -> None:
    page = links(asked.get(f"{RESET}?token=x"))
    assert f'href="{RESET}?{ONWARD}"' in page
    assert f'href="{SIGN_IN}?{ONWARD}"' in page


def test_sign_up_with_another_address_keeps_the_target(db: None) -> None:
    browser = visitor()
    sign_up(browser, "new@example.com", next=TARGET)
    assert f'href="{SIGN_UP}?{ONWARD}"' in links(browser.get(VERIFY))


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_A09_target_elsewhere_does_not_come_along(alice: User, next_path: str) -> None:
    browser = visitor()
    browser.post(RESET, {"email": ALICE, "next": next_path})
    assert "evil" not in text(browser.get(RESET_CODE)) + text(browser.get(f"{SIGN_IN}?next={next_path}"))
    done = browser.post(RESET_CODE, {"code": last_letter(ALICE).code, "new_password": NEW_PASSWORD})
    assert f'href="{SIGN_IN}?next=%2Faccount%2Fsecurity%2F&login_hint=alice%40example.com"' in links(done)


def test_address_of_a_link_is_one_line(db: None) -> None:
    assert 'value="some body"' in text(visitor().get(f"{RESET}?login_hint=some%20body"))
    assert 'value="some' not in text(visitor().get(f"{RESET}?login_hint=some%0Abody"))
