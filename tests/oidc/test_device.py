"""Device authorization (RFC 8628): a code is typed in somebody's own browser."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.test import Client as Http
from django.utils import timezone

from accounts.core.models import Counter
from accounts.oidc import clients, crowds, sweep
from accounts.oidc.models import Consent, DeviceAuthorization
from accounts.users.models import User
from tests.oidc.flow import Flow, authenticated, basic, claims, post, signed_in
from tests.oidc.parties import Party
from tests.oidc.test_code_attacks import assertion
from tests.support import pages
from tests.support.app import App
from tests.support.at_once import at_once
from tests.support.browser import Answer, Browser
from tests.support.issuer import ec_key
from tests.support.meanwhile import meanwhile

When = Callable[[Callable[[], object]], AbstractContextManager[None]]
PAGE, GRANT = "/account/device/", "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def tv(make_party: Callable[..., Party]) -> Party:
    return make_party(
        "Television",
        authentication="none",
        redirect_uris=(),
        post_logout_redirect_uris=(),
        grants=(GRANT, "refresh_token"),
        scopes=("openid", "email", "offline_access"),
    )


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def begin(party: Party, **form: str | None) -> Any:
    return post(Http(), "/oauth/device", authenticated(party, {"scope": "openid email", **form}), **basic(party))


def started(party: Party, **form: str | None) -> dict[str, Any]:
    answer = begin(party, **form)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def poll(party: Party, device_code: str) -> Any:
    """As the device asks: it has waited since it asked last."""
    DeviceAuthorization.objects.update(polled_at=0)
    return ask(party, device_code)


def ask(party: Party, device_code: str) -> Any:
    return Flow(party).token({"grant_type": GRANT, "device_code": device_code})


def typed(browser: Browser, user_code: str) -> Answer:
    return browser.post(PAGE, {"user_code": user_code})


def choose(browser: Browser, page: Answer, choice: str) -> Answer:
    return browser.post(PAGE, {"user_code": pages.hidden(page, "user_code"), "choice": choice})


def test_O43_code_is_shown_with_nothing_that_would_carry_it(tv: Party) -> None:
    told = started(tv)
    assert set(told) == {"device_code", "user_code", "verification_uri", "expires_in", "interval"}
    assert len(told["user_code"].replace("-", "")) == 8
    assert not set(told["user_code"]) & set("AEIOUY0123456789")
    assert (told["expires_in"], told["interval"]) == (600, 5)
    assert told["device_code"] not in str(list(DeviceAuthorization.objects.values()))


def test_O26_device_is_signed_in_as_whoever_said_yes(tv: Party, browser: Browser, alice: User) -> None:
    told = started(tv)
    assert poll(tv, told["device_code"]).json()["error"] == "authorization_pending"
    page = typed(browser, told["user_code"].lower().replace("-", " "))
    assert not Consent.objects.exists(), "typing it is no yes"
    choose(browser, page, "allow")
    tokens = poll(tv, told["device_code"]).json()
    assert claims(tokens["id_token"])["sub"] == str(alice.id)
    assert App(access=tokens["access_token"]).get("/oauth/userinfo").json()["email"] == "alice@example.com"
    assert poll(tv, told["device_code"]).json()["error"] == "invalid_grant", "once"


def test_O43_page_says_who_asks_since_when_and_for_what(tv: Party, browser: Browser) -> None:
    page = typed(browser, started(tv)["user_code"]).content.decode()
    for words in (
        "Television",
        "alice@example.com",
        "Your e-mail address",
        "from the network 127.0.0.x",
        "Asked on <time",
        f"{timezone.now():%H:}",
    ):
        assert words in page


def test_no_is_told_to_the_device(tv: Party, browser: Browser) -> None:
    told = started(tv)
    choose(browser, typed(browser, told["user_code"]), "deny")
    assert poll(tv, told["device_code"]).json()["error"] == "access_denied"
    assert typed(browser, told["user_code"]).status_code == 400


def test_no_that_comes_after_the_yes_changes_nothing(tv: Party, browser: Browser) -> None:
    told = started(tv)
    page = typed(browser, told["user_code"])
    choose(browser, page, "allow")
    assert choose(browser, page, "deny").status_code == 400
    assert poll(tv, told["device_code"]).status_code == 200


def test_no_that_meets_the_yes_on_its_way_changes_nothing(tv: Party, alice: User, bob: User) -> None:
    told, (hers, his) = started(tv), (signed_in(alice), signed_in(bob))
    shown, shown_to_him = typed(hers, told["user_code"]), typed(his, told["user_code"])
    with meanwhile(lambda: choose(hers, shown, "allow"), before='UPDATE "accounts_deviceauthorization"'):
        assert choose(his, shown_to_him, "deny").status_code == 400
    assert poll(tv, told["device_code"]).status_code == 200


def test_code_of_a_client_that_was_stopped_is_unknown(tv: Party, browser: Browser) -> None:
    told = started(tv)
    clients.switch(tv.id, on=False)
    assert typed(browser, told["user_code"]).status_code == 400
    clients.switch(tv.id, on=True)
    assert typed(browser, told["user_code"]).status_code == 200


def test_O35_resource_that_is_refused_uses_up_no_device_code(tv: Party, browser: Browser) -> None:
    told = started(tv)
    choose(browser, typed(browser, told["user_code"]), "allow")
    DeviceAuthorization.objects.update(interval=0)
    elsewhere: dict[str, str | None] = {"device_code": told["device_code"], "resource": "https://files.example"}
    assert Flow(tv).token({"grant_type": GRANT, **elsewhere}).json()["error"] == "invalid_target"
    assert poll(tv, told["device_code"]).status_code == 200


def test_O43_device_that_asks_too_soon_has_to_wait_longer(tv: Party) -> None:
    told = started(tv)
    assert ask(tv, told["device_code"]).json()["error"] == "authorization_pending"
    assert ask(tv, told["device_code"]).json()["error"] == "slow_down"
    assert DeviceAuthorization.objects.get().interval == 10


def test_O43_code_runs_out(tv: Party, browser: Browser) -> None:
    told = started(tv)
    with time_machine.travel(timezone.now() + timedelta(seconds=601), tick=False):
        assert typed(browser, told["user_code"]).status_code == 400
        assert poll(tv, told["device_code"]).json()["error"] == "expired_token"


def test_O43_guessing_is_slowed_down(tv: Party, browser: Browser) -> None:
    answers = [typed(browser, f"BBBB-BBB{letter}").status_code for letter in "BCDFGHJKLMNP"]
    assert set(answers[:10]) == {400}
    assert answers[-1] == 429
    assert typed(browser, started(tv)["user_code"]).status_code == 429


def test_S03_network_that_begins_too_many_is_refused(
    tv: Party, make_party: Callable[..., Party], later: time_machine.Traveller
) -> None:
    started(tv)
    limit = crowds.DEVICES
    assert Counter.objects.filter(key__startswith=f"{limit.name}:").update(attempts=limit.free - 1) == 1
    started(tv)
    refused = begin(tv)
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert refused.json()["error"] == "temporarily_unavailable"
    assert DeviceAuthorization.objects.count() == 2
    nowhere: dict[str, Any] = {"redirect_uris": (), "post_logout_redirect_uris": ()}
    started(make_party("Service of boxes", **nowhere, grants=(GRANT,), scopes=("openid", "email")))


def test_S03_code_that_nobody_answered_goes_when_it_has_run_out(tv: Party, browser: Browser) -> None:
    asked = [started(tv) for _ in range(3)]
    for told, choice in zip(asked, ("allow", "deny"), strict=False):
        choose(browser, typed(browser, told["user_code"]), choice)
    ended = timezone.now() + timedelta(seconds=600)
    with time_machine.travel(ended + timedelta(seconds=30), tick=False):
        assert sweep.sweep()["device_authorizations"] == 0
        assert poll(tv, asked[2]["device_code"]).json()["error"] == "expired_token", "it may still ask"
    with time_machine.travel(ended + timedelta(seconds=62), tick=False):
        assert sweep.sweep()["device_authorizations"] == 1
    with time_machine.travel(ended + timedelta(days=1, seconds=2), tick=False):
        assert sweep.sweep()["device_authorizations"] == 2


def test_O26_device_code_opens_for_its_own_client_alone(tv: Party, native: Party, web: Party, browser: Browser) -> None:
    told = started(tv)
    choose(browser, typed(browser, told["user_code"]), "allow")
    assert ask(native, told["device_code"]).json()["error"] == "unauthorized_client"
    assert poll(tv, "x").json()["error"] == "invalid_grant"
    assert poll(tv, told["device_code"]).status_code == 200


def test_O08_client_without_the_grant_or_the_scope_is_refused(tv: Party, web: Party) -> None:
    assert begin(web).json()["error"] == "unauthorized_client"
    assert begin(tv, scope="openid profile").json()["error"] == "invalid_scope"
    assert begin(tv, scope=None).json()["error"] == "invalid_scope"


@pytest.mark.parametrize("authentication", ["client_secret_basic", "private_key_jwt"])
def test_O39_one_client_does_not_begin_for_another(make_party: Callable[..., Party], tv: Party, authentication: str) -> None:
    key, nobody = ec_key("one"), {"redirect_uris": (), "post_logout_redirect_uris": ()}
    signs: dict[str, Any] = {"jwks": {"keys": [key.jwk]}} if authentication == "private_key_jwt" else {}
    box = make_party("Box", authentication=authentication, **nobody, **signs, grants=(GRANT,), scopes=("openid", "email"))
    for other in (tv.id, "c_nobody"):
        refused = begin(box, client_id=other, **(assertion(box, key) if signs else {}))
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")
    assert not DeviceAuthorization.objects.exists()
    started(box, client_id=box.id, **(assertion(box, key) if signs else {}))
    assert DeviceAuthorization.objects.get().client_id == box.id


def test_X01_gate_is_asked_when_the_device_comes(tv: Party, browser: Browser, alice: User) -> None:
    told = started(tv)
    choose(browser, typed(browser, told["user_code"]), "allow")
    User.objects.filter(id=alice.id).update(is_active=False)
    assert poll(tv, told["device_code"]).json()["error"] == "invalid_grant"
    User.objects.filter(id=alice.id).update(is_active=True)
    assert poll(tv, told["device_code"]).status_code == 200


def test_O36_consent_withdrawn_meanwhile_counts(tv: Party, browser: Browser) -> None:
    told = started(tv)
    choose(browser, typed(browser, told["user_code"]), "allow")
    Consent.objects.all().delete()
    assert poll(tv, told["device_code"]).json()["error"] == "invalid_grant"


def test_with_offline_access_the_device_stays_signed_in(tv: Party, browser: Browser) -> None:
    told = started(tv, scope="openid offline_access")
    choose(browser, typed(browser, told["user_code"]), "allow")
    tokens = poll(tv, told["device_code"]).json()
    browser.post("/account/sign-out/")
    assert Flow(tv).refresh(tokens["refresh_token"]).status_code == 200


def test_nobody_signed_in_is_led_to_the_sign_in_and_back(tv: Party) -> None:
    assert Browser().get(PAGE)["Location"] == "/account/sign-in/?next=%2Faccount%2Fdevice%2F"


@contextmanager
def beforehand(act: Callable[[], object]) -> Iterator[None]:
    act()
    yield


@pytest.mark.parametrize("first", ["allow", "deny"])
@pytest.mark.parametrize("second", ["allow", "deny"])
@pytest.mark.parametrize(
    "when", [beforehand, partial(meanwhile, before='UPDATE "accounts_deviceauthorization"')], ids=["before", "meanwhile"]
)
@pytest.mark.both_databases
def test_O43_who_answers_second_is_told_that_nothing_waits_and_changes_nothing(
    tv: Party, browser: Browser, bob: User, alice: User, first: str, second: str, when: When
) -> None:
    code, bobs = started(tv), signed_in(bob)
    shown = [typed(one, code["user_code"]) for one in (browser, bobs)]
    assert "Let Television in?" in pages.text(shown[1]), "it waited when Bob was asked"
    with when(lambda: choose(browser, shown[0], first)):
        answer = choose(bobs, shown[1], second)
    assert answer.status_code == 400
    assert "Nothing waits for this code. Look at it once more, or begin again on the device." in pages.text(answer)
    assert 'name="user_code" type="text"' in pages.text(answer), "another code can be typed"
    assert set(Consent.objects.values_list("user_id", flat=True)) == ({alice.id} if first == "allow" else set())
    assert poll(tv, code["device_code"]).status_code == (200 if first == "allow" else 400)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_O43_of_two_who_say_yes_one_counts(tv: Party, alice: User, bob: User) -> None:
    told = started(tv)
    browsers = [signed_in(alice), signed_in(bob)]
    shown = [typed(browser, told["user_code"]) for browser in browsers]
    waiting = list(zip(browsers, shown, strict=True))
    at_once(2, lambda: choose(*waiting.pop(), "allow"))
    assert Consent.objects.count() == 1
    sub = claims(poll(tv, told["device_code"]).json()["id_token"])["sub"]
    assert sub == str(Consent.objects.get().user_id)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_O26_of_eight_polls_at_once_one_gets_the_tokens(tv: Party, alice: User) -> None:
    told, browser = started(tv), signed_in(alice)
    choose(browser, typed(browser, told["user_code"]), "allow")
    DeviceAuthorization.objects.update(interval=0)
    answers = at_once(8, lambda: ask(tv, told["device_code"]).status_code)
    assert sorted(answers) == [200, *[400] * 7]
