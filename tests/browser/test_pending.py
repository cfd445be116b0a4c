"""The cookies of what a browser waits for: for this host alone, each for its own purpose, and they open nothing."""

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from accounts.browser import pending
from accounts.browser.pending import Pending
from accounts.tokens import sealed

pytestmark = pytest.mark.django_db


def remembered(what: Pending = Pending.CODE) -> HttpResponse:
    response = HttpResponse()
    pending.remember(response, what, email="alice@example.com")
    return response


def recalled(name: str, value: str, what: Pending = Pending.CODE) -> dict[str, str]:
    request = HttpRequest()
    request.META["HTTP_COOKIE"] = f"{name}={value}"
    return pending.recall(request, what)


def test_C01_cookie_is_for_this_host_alone(settings: Settings) -> None:
    settings.SECURE_COOKIES = True
    cookie = remembered().cookies["__Host-code"]
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["path"], cookie["domain"]) == (
        *(True, True, "Lax"),
        *("/", ""),
    )


def test_what_was_remembered_is_recalled_until_it_is_forgotten() -> None:
    response = remembered()
    value = response.cookies["code"].value
    assert recalled("code", value) == {"email": "alice@example.com"}
    pending.forget(response, Pending.CODE)
    assert (response.cookies["code"].value, response.cookies["code"]["max-age"]) == ("", 0)


@pytest.mark.parametrize("what", [Pending.RESET, Pending.REGISTRATION, Pending.STEP_UP])
def test_J08_cookie_of_another_purpose_is_none(what: Pending) -> None:
    value = remembered().cookies["code"].value
    assert recalled(what.value, value, what) == {}
    assert recalled("code", value) != {}


def test_J08_token_of_another_kind_is_none() -> None:
    claims = {"what": "code", "noted": {"email": "alice@example.com"}}
    for purpose in (sealed.COOKIE, sealed.KNOWN_DEVICE, sealed.MAIL_LINK):
        assert recalled("code", sealed.seal(purpose, claims)) == {}
    assert recalled("code", remembered().cookies["code"].value + "x") == {}
