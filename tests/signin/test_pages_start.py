"""Where somebody is who came for nothing else, and what the start page offers to whom."""

from pytest_django import Settings

from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.mailbox import last_letter
from tests.support.pages import VERIFY, sign_up, signed_in, text, visitor

FOR_DEVELOPERS = ("Browsable API", "API reference", "Public keys")


def shown(browser: Browser) -> list[str]:
    page = text(browser.get("/"))
    return [title for title in FOR_DEVELOPERS if title in page]


def test_signing_in_for_nothing_else_leads_to_ones_own_account(alice: User) -> None:
    assert visitor().sign_in(alice.email or "").headers["Location"] == "/account/security/"


def test_whoever_verified_an_address_is_told(db: None) -> None:
    browser = visitor()
    sign_up(browser, "new@example.com")
    answer = browser.post(VERIFY, {"code": last_letter("new@example.com").code})
    assert "Your address is confirmed." in text(browser.get(answer.headers["Location"]))


def test_an_application_is_not_spoken_for(db: None) -> None:
    browser = visitor()
    sign_up(browser, "new@example.com", next="/api/v1/me/")
    browser.post(VERIFY, {"code": last_letter("new@example.com").code})
    assert "Your address is confirmed." not in text(browser.get("/account/security/"))


def test_people_see_no_links_for_developers(alice: User) -> None:
    assert shown(visitor()) == shown(signed_in(alice)) == []


def test_staff_see_the_links_for_developers(superuser: User) -> None:
    assert shown(signed_in(superuser)) == [*FOR_DEVELOPERS]


def test_everybody_sees_them_where_it_is_developed(db: None, settings: Settings) -> None:
    settings.DEBUG = True
    assert shown(visitor()) == [*FOR_DEVELOPERS]
