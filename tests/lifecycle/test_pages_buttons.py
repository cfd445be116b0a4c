"""GET of what a page only posts leads to the page that has its button, and does nothing."""

import uuid

import pytest
from django.test import Client

from accounts.users.models import User
from tests.support.browser import rows
from tests.support.pages import signed_in

SECURITY = "/account/security/"
ANY = uuid.UUID(int=7)
POSTED = [
    *(f"{SECURITY}passkeys/add/", f"{SECURITY}identities/{ANY}/unlink/"),
    *(f"{SECURITY}sign-out-others/", f"{SECURITY}devices/{ANY}/sign-out/"),
]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", POSTED)
def test_what_is_only_posted_leads_to_its_page(alice: User, path: str, method: str) -> None:
    browser = signed_in(alice)
    before = rows()
    answer = browser.http.generic(method, path)
    assert (answer.status_code, answer["Location"]) == (303, SECURITY)
    assert rows() == before


@pytest.mark.parametrize("path", POSTED)
def test_options_name_the_methods(alice: User, path: str) -> None:
    answer = signed_in(alice).http.options(path)
    assert (answer.status_code, answer["Allow"]) == (200, "GET, POST, HEAD, OPTIONS")


@pytest.mark.parametrize("path", POSTED)
def test_other_methods_of_it_stay_refused(alice: User, path: str) -> None:
    assert signed_in(alice).http.put(path).status_code in {403, 405}


@pytest.mark.parametrize("path", POSTED)
def test_a_stranger_signs_in_and_comes_to_the_page(db: None, path: str) -> None:
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"]) == (303, "/account/sign-in/?next=%2Faccount%2Fsecurity%2F")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_resending_a_code_leads_to_the_page_for_it(db: None, method: str) -> None:
    answer = Client().generic(method, "/account/verify/resend/")
    assert (answer.status_code, answer["Location"]) == (303, "/account/verify/")
    assert Client().put("/account/verify/resend/")["Allow"] == "GET, HEAD, POST"
