"""The cookie is trusted for ten minutes and renewed against the device row: what the row says, the browser gets."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.lifecycle import suspension
from accounts.revocations import publish
from accounts.tokens import jose, sealed
from accounts.users.models import User
from tests.support.browser import Browser
from tests.support.news import news_is_due


def device() -> Device:
    return Device.objects.get()


def state(browser: Browser) -> int:
    """200 for somebody who is signed in, 303 for a stranger."""
    return browser.get("/account/security/").status_code


def old_cookie(browser: Browser, **changes: Any) -> str:
    """The browser's own cookie as it looks after its ten minutes."""
    claims = dict(sealed.unseal(sealed.COOKIE, browser.cookie))
    claims |= {"iat": claims["iat"] - 3600, "exp": claims["exp"] - 3600, **changes}
    return jose.seal(claims, typ=sealed.COOKIE.typ)


def test_fresh_cookie_is_not_set_again(alices: Browser) -> None:
    before = alices.cookie
    assert state(alices) == 200
    assert alices.cookie == before


def test_cookie_that_has_run_out_is_renewed_from_the_row(alices: Browser, alice: User) -> None:
    old = old_cookie(alices)
    alices.cookie = old
    Device.objects.update(last_seen_at=timezone.now() - timedelta(hours=1))
    assert state(alices) == 200
    assert alices.cookie not in {"", old}
    assert sealed.unseal(sealed.COOKIE, alices.cookie)["sid"] == str(device().pk)
    assert timezone.now() - device().last_seen_at < timedelta(minutes=1)


def test_renewal_keeps_the_device_alive_for_another_idle_span(alices: Browser) -> None:
    alices.cookie = old_cookie(alices)
    Device.objects.update(last_seen_at=timezone.now() - timedelta(days=29), idle_expires_at=timezone.now() + timedelta(days=1))
    state(alices)
    assert device().idle_expires_at > timezone.now() + timedelta(days=29)


@pytest.mark.parametrize("column", ["idle_expires_at", "expires_at"])
def test_cookie_of_a_device_that_has_run_out_is_cleared(alices: Browser, column: str) -> None:
    alices.cookie = old_cookie(alices)
    Device.objects.update(**{column: timezone.now() - timedelta(seconds=1)})
    assert (state(alices), alices.cookie) == (303, "")


def test_cookie_of_an_ended_device_is_cleared_although_it_is_fresh(alices: Browser, alice: User) -> None:
    registry.revoke(device(), Device.Ended.SIGNED_OUT, actor=alice.pk, source=NOWHERE)
    news_is_due()
    assert (state(alices), alices.cookie) == (303, "")


def test_cookie_of_a_disabled_account_is_cleared(alices: Browser, alice: User, superuser: User) -> None:
    suspension.disable(alice.pk, actor_id=superuser.pk, source=NOWHERE)
    news_is_due()
    assert (state(alices), alices.cookie) == (303, "")
    suspension.enable(alice.pk, actor_id=superuser.pk, source=NOWHERE)
    assert state(alices) == 303


def test_stale_epoch_renews_the_cookie_with_what_holds_now(alices: Browser, alice: User) -> None:
    before = sealed.unseal(sealed.COOKIE, alices.cookie)
    alice.groups.add(Group.objects.create(name="Editors"))
    User.objects.update(is_superuser=True)
    publish.users_stale([alice.pk])
    news_is_due()
    assert state(alices) == 200
    after = sealed.unseal(sealed.COOKIE, alices.cookie)
    assert (before["epoch"], after["epoch"]) == (1, 2)
    assert (before["superuser"], after["superuser"]) == (False, True)


@pytest.mark.parametrize("claim", ["sub", "sid"])
def test_cookie_for_a_row_that_is_not_there_is_cleared(alices: Browser, bob: User, claim: str) -> None:
    for value in (str(bob.pk), str(uuid.uuid4())):
        alices.cookie = old_cookie(alices, **{claim: value}) if alices.cookie else ""
        assert (state(alices), alices.cookie) == (303, "")


def test_stale_cookie_is_anonymous_on_public_pages(alices: Browser, alice: User) -> None:
    registry.revoke(device(), Device.Ended.SIGNED_OUT, actor=alice.pk, source=NOWHERE)
    news_is_due()
    gone = alices.cookie
    for path in ("/", "/account/sign-in/", "/.well-known/jwks.json", "/api/schema/", "/api/docs/", "/healthz"):
        alices.cookie = gone
        assert alices.get(path).status_code == 200, path
    alices.cookie = gone
    refused = alices.send("GET", "/api/v1/me/")
    assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")


def test_page_that_never_asks_who_it_is_costs_no_query(alices: Browser, django_assert_num_queries: Any) -> None:
    alices.get("/.well-known/jwks.json")
    with django_assert_num_queries(0):
        assert alices.get("/.well-known/jwks.json").status_code == 200
        assert alices.get("/healthz").status_code == 200
