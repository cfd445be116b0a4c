"""Two removals at once: the last way in, or the last second factor where a role demands one, stays (SECURITY P-17)."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from pytest_django import Settings

from accounts.core.requests import NOWHERE
from accounts.federation import identities
from accounts.federation.id_token import Identity
from accounts.mfa import factors
from accounts.users.models import User
from tests.support.app import App
from tests.support.browser import Answer, Browser
from tests.support.phone import enrolled
from tests.support.ways import AUTHENTICATE, passkey_answer, passkey_of

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]
ME, SECURITY = "/api/v1/me/", "/account/security/"
ROLE = "treasurers"
LONG_ENOUGH = 1.0
"""Seconds: a removal that waits for nobody is through in a tenth of it."""


@dataclass
class Somebody:
    """In an app and in a browser, signed in a moment ago by a passkey that knows its owner."""

    user: User
    app: App
    browser: Browser

    def remove(self, factor: str, where: str) -> Answer:
        if where == "app":
            return self.app.delete(f"{ME}{self._api(factor)}/")
        return self.browser.post(f"{SECURITY}{self._page(factor)}/")

    def has(self, factor: str) -> bool:
        match factor:
            case "authenticator":
                return factors.has_authenticator(self.user.id)
            case "passkey":
                return self.user.passkeys.exists()
            case _:
                return self.user.identities.exists()

    def _api(self, factor: str) -> str:
        match factor:
            case "authenticator":
                return "totp"
            case "passkey":
                return f"passkeys/{self.user.passkeys.get().id}"
            case _:
                return f"identities/{self.user.identities.get().id}"

    def _page(self, factor: str) -> str:
        match factor:
            case "authenticator":
                return "authenticator/remove"
            case "passkey":
                return f"passkeys/{self.user.passkeys.get().id}/remove"
            case _:
                return f"identities/{self.user.identities.get().id}/unlink"


def signed_in_by_passkey(user: User) -> Somebody:
    authenticator, app, browser = passkey_of(user), App(), Browser()
    answer = app.post(AUTHENTICATE, passkey_answer(authenticator))
    app.access = answer.json()["access"]
    browser.get("/account/sign-in/")
    browser.send("POST", AUTHENTICATE, passkey_answer(authenticator), X_Token_Transport="cookie")
    assert browser.cookie
    return Somebody(user, app, browser)


def must_have_two(user: User, settings: Settings) -> Somebody:
    """An authenticator app and one passkey, in a role that demands a second factor."""
    user.groups.add(Group.objects.create(name=ROLE))
    settings.MFA_REQUIRED_ROLES = [ROLE]
    enrolled(user)
    return signed_in_by_passkey(user)


def has_no_password(user: User, settings: Settings) -> Somebody:
    """Neither password nor address: one linked identity and one passkey open the account."""
    user.set_unusable_password()
    user.email, user.email_verified_at = None, None
    user.save()
    upstream = Identity("google", "Google", "https://accounts.google.com", "1", "", email_verified=False, name="", auth_time=None)
    identities.link(user, upstream, NOWHERE)
    return signed_in_by_passkey(user)


@pytest.mark.slow
@pytest.mark.parametrize("where", ["app", "browser"])
@pytest.mark.parametrize(
    ("somebody", "first", "second"),
    [
        (must_have_two, "passkey", "authenticator"),
        (must_have_two, "authenticator", "passkey"),
        (has_no_password, "passkey", "identity"),
        (has_no_password, "identity", "passkey"),
    ],
)
def test_P17_of_two_removals_at_once_one_is_refused(
    alice: User,
    settings: Settings,
    somebody: Callable[[User, Settings], Somebody],
    first: str,
    second: str,
    where: str,
) -> None:
    """The first has happened and is not committed yet when the second asks."""
    alices = somebody(alice, settings)

    def remove_the_other() -> None:
        try:
            alices.remove(second, where)
        finally:
            connection.close()

    meanwhile = threading.Thread(target=remove_the_other)
    with transaction.atomic():
        assert alices.remove(first, where).status_code in {204, 303}
        assert not alices.has(first)
        meanwhile.start()
        meanwhile.join(LONG_ENOUGH)
    meanwhile.join()
    assert (alices.has(first), alices.has(second)) == (False, True)


@pytest.mark.parametrize("where", ["app", "browser"])
def test_P17_each_of_two_may_go_while_the_other_stays(alice: User, settings: Settings, where: str) -> None:
    """The control: it is the last one that stays, whichever it is."""
    alices = must_have_two(alice, settings)
    alices.remove("authenticator", where)
    alices.remove("passkey", where)
    assert (alices.has("authenticator"), alices.has("passkey")) == (False, True)
    settings.MFA_REQUIRED_ROLES = []
    alices.remove("passkey", where)
    assert not alices.has("passkey")
