"""The same matrix for a browser: every page that can end signed in, against everything that must stop it (SECURITY X-01, P-09).

Each way is walked up to its last request; then the state comes; then the last request is sent, and the start page is asked
whom it greets.
"""

import inspect
import ipaddress
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
import time_machine
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.federation import identities, jwks, providers
from accounts.federation.id_token import Identity
from accounts.signin import in_browser
from accounts.signin.views import federated_pages, pages_code, pages_second_step, pages_sign_in, pages_verify
from tests.support.browser import Browser
from tests.support.issuer import CLIENT_ID
from tests.support.mailbox import last_letter
from tests.support.pages import (
    CODE,
    ENTER,
    SECOND_STEP,
    SET_UP,
    VERIFY,
    hidden,
    passkey_fields,
    sign_up,
    text,
    to_second_step,
    visitor,
    who,
)
from tests.support.phone import Phone, enrolled
from tests.support.ways import passkey_of

from .test_entry_matrix import CAROL, ROLE, STATES, World, issuer, joining, world

__all__ = ["issuer", "world"]  # fixtures

Last = Callable[[], object]
Way = Callable[[World, Browser], Last]
PASSKEY, UPSTREAM = "/account/sign-in/passkey/", "/account/federated/upstream/"


def by_password(world: World, browser: Browser) -> Last:
    return lambda: browser.sign_in(str(world.user.email))


def by_passkey(world: World, browser: Browser) -> Last:
    fields = passkey_fields(browser, passkey_of(world.user))
    return lambda: browser.post(PASSKEY, fields)


def by_second_step(world: World, browser: Browser) -> Last:
    phone = enrolled(world.user)
    fields = to_second_step(world.user, browser)
    return lambda: browser.post(SECOND_STEP, {**fields, "code": phone.code()})


def by_set_up(world: World, browser: Browser) -> Last:
    world.setting.MFA_REQUIRED_ROLES = [ROLE]
    page = browser.sign_in(str(world.user.email))
    secret = text(page).partition('class="secret" aria-describedby="secret-hint">')[2].partition("<")[0].replace(" ", "")
    fields = {name: hidden(page, name) for name in ("challenge", "next")}
    return lambda: browser.post(SET_UP, {**fields, "code": Phone(secret).code()})


def by_typed_code(world: World, browser: Browser) -> Last:
    browser.post(CODE, {"email": world.user.email})
    code = last_letter(str(world.user.email)).code
    return lambda: browser.post(ENTER, {"code": code})


def by_mailed_link(world: World, browser: Browser) -> Last:
    browser.post(CODE, {"email": world.user.email})
    token = last_letter(str(world.user.email)).token
    return lambda: browser.post(CODE, {"token": token})


def by_verification_code(world: World, browser: Browser) -> Last:
    sign_up(browser, CAROL)
    world.user = joining(CAROL)
    code = last_letter(CAROL).code
    return lambda: browser.post(VERIFY, {"code": code})


def by_verification_link(world: World, browser: Browser) -> Last:
    sign_up(browser, CAROL)
    world.user = joining(CAROL)
    token = last_letter(CAROL).token
    return lambda: browser.post(VERIFY, {"token": token})


def by_redirect(world: World, browser: Browser) -> Last:
    world.setting.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    told = json.dumps({"upstream": world.issuer.setting(client_id=CLIENT_ID, client_secret="s3cret")})
    world.setting.FEDERATED_PROVIDERS = providers.parse(told, allow_http=True)
    jwks.forget()
    linked = Identity("upstream", "Upstream", world.issuer.url, "upstream-1", "", email_verified=False, name="", auth_time=None)
    identities.link(world.user, linked, NOWHERE)
    answer = world.issuer.authorize(browser.get(UPSTREAM).headers["Location"])
    return lambda: browser.http.get(UPSTREAM + "callback/", answer)


def by_renewal(world: World, browser: Browser) -> Last:
    """A cookie from eleven minutes ago: it is trusted for ten, and then the device is asked."""
    with time_machine.travel(timezone.now() - timedelta(minutes=11)):
        browser.sign_in(str(world.user.email))
    assert browser.cookie
    return lambda: None


# In the order of STATES. Who was erased and comes by an issuer is somebody new.
YES, NO, ANEW = True, False, None
MATRIX: dict[Way, tuple[bool | None, ...]] = {
    by_password: (YES, NO, NO, NO, NO, NO, NO, NO, YES),
    by_passkey: (YES, NO, NO, NO, NO, YES, NO, YES, YES),
    by_second_step: (YES, NO, NO, NO, NO, YES, NO, YES, NO),
    by_set_up: (YES, NO, NO, NO, NO, YES, NO, YES, NO),
    by_typed_code: (YES, NO, NO, NO, NO, YES, YES, NO, NO),
    by_mailed_link: (YES, NO, NO, NO, NO, YES, YES, NO, NO),
    by_verification_code: (YES, NO, NO, NO, NO, YES, YES, NO, NO),
    by_verification_link: (YES, NO, NO, NO, NO, YES, YES, NO, NO),
    by_redirect: (YES, NO, NO, NO, ANEW, YES, NO, NO, YES),
    by_renewal: (YES, NO, NO, NO, NO, YES, NO, NO, YES),
}
CELLS = [
    pytest.param(way, state, lets_in, id=f"{way.__name__}-{state}")
    for way, row in MATRIX.items()
    for state, lets_in in zip(STATES, row, strict=True)
]


@pytest.mark.parametrize(("way", "state", "lets_in"), CELLS)
def test_X01_pages_let_in_only_where_the_table_says_so(world: World, way: Way, state: str, lets_in: bool | None) -> None:
    browser = visitor()
    send = way(world, browser)
    STATES[state](world)
    send()
    assert who(browser) == {YES: world.user.email, NO: "", ANEW: CAROL}[lets_in]
    assert bool(browser.cookie) is (lets_in is not NO)


WALKED: dict[ModuleType, set[Way]] = {
    pages_sign_in: {by_password, by_passkey},
    pages_second_step: {by_second_step, by_set_up},
    pages_code: {by_typed_code, by_mailed_link},
    pages_verify: {by_verification_code, by_verification_link},
    federated_pages: {by_redirect},
}
SIGNS_IN = tuple(f".{act.__name__}(" for act in (in_browser.enter, in_browser.signed_in, in_browser.transport.sign_browser_in))


def test_X01_every_page_that_signs_a_browser_in_is_in_the_matrix() -> None:
    views = {inspect.getmodule(_function(one)) for one in _patterns(get_resolver().url_patterns)}
    assert {page for page in views if page and any(act in inspect.getsource(page) for act in SIGNS_IN)} == set(WALKED)
    assert set().union(*WALKED.values(), {by_renewal}) == set(MATRIX)


def _patterns(entries: list[URLPattern | URLResolver]) -> Iterator[URLPattern]:
    for entry in entries:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns)
        else:
            yield entry


def _function(pattern: URLPattern) -> Any:
    """A class behind `as_view`, or the function itself."""
    return getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None) or pattern.callback
