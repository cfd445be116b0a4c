"""Several credentials in one request, and query parameters that only look like one (SECURITY J-20, J-21, L-16)."""

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from accounts.users.models import User
from tests.support.acceptors import Acceptor, Cookie
from tests.support.app import PASSWORD
from tests.support.guarded import PATH

pytestmark = pytest.mark.django_db


def cookie_of(email: str) -> str:
    body, headers = {"email": email, "password": PASSWORD}, {"X-Token-Transport": "cookie"}
    answer = Client().post("/auth/token/", body, content_type="application/json", headers=headers)
    return f"{settings.COOKIE_NAME}={answer.cookies[settings.COOKIE_NAME].value}"


def asked(bearer: Acceptor, cookie: str, token: str = "") -> HttpResponse:
    return Client().get(PATH, headers={"Authorization": f"Bearer {token or bearer.genuine()}", "Cookie": cookie})


def test_J21_header_of_one_and_cookie_of_another_is_refused(bearer: Acceptor, bob: User) -> None:
    assert asked(bearer, "other=1").status_code == 200
    answer = asked(bearer, cookie_of(bob.email))
    assert (answer.status_code, answer.json()["code"]) == (400, "ambiguous_credentials")


def test_J21_header_and_cookie_of_the_same_person_are_taken(bearer: Acceptor, alice: User) -> None:
    assert asked(bearer, cookie_of(alice.email)).json() == {"id": str(alice.id)}


def test_J21_bad_header_is_not_rescued_by_a_good_cookie(bearer: Acceptor, alice: User) -> None:
    cookie = cookie_of(alice.email)
    assert Client().get(PATH, headers={"Cookie": cookie}).status_code == 200
    for token in ("x", bearer.genuine()[:-3], "a.b.c"):
        assert asked(bearer, cookie, token).status_code == 401


def test_J21_broken_cookie_beside_a_good_header_is_nobodys(bearer: Acceptor) -> None:
    genuine = Cookie(bearer.app).genuine()
    for cookie in ("x", genuine[:-3], f"{genuine}.x"):
        assert asked(bearer, f"{settings.COOKIE_NAME}={cookie}").status_code == 200


@pytest.mark.parametrize("query", ["link=", "link=x", "link=a.b.c", "link=%00", "link=" + "A" * 9_000])
def test_link_that_is_no_token_is_refused(guarded: None, query: str) -> None:
    assert Client(raise_request_exception=False).get(f"{PATH}?{query}").status_code == 401
