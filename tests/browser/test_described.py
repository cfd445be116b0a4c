"""What a page says of a field or a button is there: no reference leads to nothing."""

import re

import pytest

from accounts.users.models import User
from tests.support.browser import Answer, Browser
from tests.support.pages import CONFIRM, RESET, SIGN_IN, SIGN_UP, signed_in, visitor

OWN = [f"/account/{page}" for page in ("security/", "security/password/", "profile/", "profile/email/", "delete/")]


def leading_nowhere(answer: Answer) -> list[str]:
    page = answer.content.decode()
    named = " ".join(re.findall(r'\saria-(?:describedby|labelledby|controls)="([^"]*)"', page)).split()
    return [name for name in named if f'id="{name}"' not in page]


@pytest.mark.parametrize("path", [SIGN_IN, SIGN_UP, RESET, "/account/code/", "/account/verify/"])
def test_on_a_page_for_everybody(db: None, path: str) -> None:
    browser = visitor()
    assert [leading_nowhere(browser.get(path)), leading_nowhere(browser.post(path, {"email": ""}))] == [[], []]


@pytest.mark.parametrize("path", OWN)
def test_on_ones_own_page(alice: User, path: str) -> None:
    assert leading_nowhere(signed_in(alice).get(path)) == []


@pytest.fixture
def alices(alice: User) -> Browser:
    return signed_in(alice)


@pytest.mark.parametrize("path", [CONFIRM, OWN[1], OWN[3], f"{OWN[0]}authenticator/code/"])
def test_on_ones_own_page_with_something_wrong(alices: Browser, path: str) -> None:
    answer = alices.post(path, {"method": "password", "code": "", "next": "/"})
    assert answer.status_code == 400
    assert leading_nowhere(answer) == []
