"""Several credentials in one request, and query parameters that only look like one (SECURITY J-20, J-21, L-16)."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.users.models import User
from tests.support.acceptors import Acceptor, Cookie
from tests.support.app import PASSWORD
from tests.support.guarded import PATH
from tests.support.news import news_is_due

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


def test_J21_cookie_whose_device_has_ended_is_nobodys_and_goes(bearer: Acceptor, bob: User) -> None:
    cookie = cookie_of(bob.email)
    assert asked(bearer, cookie).status_code == 400
    registry.revoke(Device.objects.get(user=bob), "signed_out", actor=bob.id, source=NOWHERE)
    news_is_due()
    answer = asked(bearer, cookie)
    assert (answer.status_code, answer.cookies[settings.COOKIE_NAME].value) == (200, "")


@pytest.mark.parametrize(("lives", "status"), [(True, 400), (False, 200)])
def test_J21_cookie_that_ran_out_is_somebodys_while_its_device_lives(
    bearer: Acceptor, bob: User, lives: bool, status: int
) -> None:
    cookie = cookie_of(bob.email)
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        bearer.app.rotate()
        Device.objects.filter(user=bob).update(expires_at=timezone.now() + timedelta(days=1 if lives else -1))
        assert asked(bearer, cookie).status_code == status


def test_J21_cookie_of_the_same_person_costs_no_query(bearer: Acceptor, alice: User, bob: User) -> None:
    cookie, other = cookie_of(alice.email), cookie_of(bob.email)
    assert asked(bearer, cookie).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        assert asked(bearer, cookie).status_code == 200
        assert asked(bearer, other).status_code == 400
    assert len(queries) == 0


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
