"""Somebody who waits for a mailed code reads why it may not come, and when only a new one helps; the same for every address."""

from collections.abc import Callable

import pytest

from accounts.links import codes
from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.pages import CODE, ENTER, NEW_PASSWORD, RESET, RESET_CODE, UNKNOWN, VERIFY, sign_up, signed_in, text, visitor

NEW_ADDRESS, CONFIRM = "/account/profile/email/", "/account/profile/email/code/"
NO_MAIL, NEW_CODE = "Look in your spam folder", "After five wrong tries only a new code helps."


def waiting(user: User, page: str, email: str) -> Browser:
    """A browser that has asked for a mail to `email`."""
    if page == CONFIRM:
        browser = signed_in(user)
        browser.post(NEW_ADDRESS, {"email": email})
        return browser
    browser = visitor()
    asks: dict[str, Callable[[], object]] = {
        VERIFY: lambda: sign_up(browser, email),
        ENTER: lambda: browser.post(CODE, {"email": email}),
        RESET_CODE: lambda: browser.post(RESET, {"email": email}),
    }
    asks[page]()
    return browser


@pytest.mark.parametrize("email", [UNKNOWN, "bob@example.com"])
@pytest.mark.parametrize("page", [VERIFY, ENTER, RESET_CODE, CONFIRM])
def test_E01_page_says_where_the_mail_may_be_and_after_a_wrong_code_how_many_tries_there_are(
    alice: User, bob: User, page: str, email: str
) -> None:
    browser = waiting(alice, page, email)
    assert NO_MAIL in text(browser.get(page))
    refused = text(browser.post(page, {"code": "nonsense", "new_password": NEW_PASSWORD}))
    assert (NEW_CODE in refused, NO_MAIL in refused) == (True, False)


def test_number_of_tries_is_the_one_that_the_page_names() -> None:
    assert codes.TRIES == 5
