"""Sign-out begun by a client, by the modules of the conformance suite: oidcc-rp-initiated-logout and its refusals."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.devices.models import Device
from accounts.keys import material, rotation
from accounts.keys.models import SigningKey
from accounts.oidc import clients
from accounts.tokens import jose
from accounts.users.models import User
from tests.oidc.flow import Flow, address, header, sent, signed_in
from tests.oidc.parties import SIGNED_OUT, Party
from tests.support import forge, pages
from tests.support.browser import Answer, Browser
from tests.support.keys import age, ripen
from tests.support.news import news_is_due

pytestmark = pytest.mark.slow

LOGOUT, CONFIRMED = "/oauth/logout", "/account/sign-out/confirmed/"


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def hint(web: Party, browser: Browser) -> str:
    return str(Flow(web).tokens(browser)["id_token"])


def leave(browser: Browser, **asked: str) -> Answer:
    return browser.get(f"{LOGOUT}?{urlencode(asked)}")


def is_signed_in(browser: Browser, party: Party) -> bool:
    return "code" in sent(Flow(party, {"prompt": "none"}).begin(browser))


def assert_nothing_happened(answer: Answer, browser: Browser, party: Party) -> None:
    assert (answer.status_code, "Location" in answer) == (400, False)
    assert b"http-equiv" not in answer.content
    assert is_signed_in(browser, party)


def confirm(browser: Browser, page: Answer, **fields: str) -> Answer:
    named = [name for name in ("client_id", "post_logout_redirect_uri", "state") if name.encode() in page.content]
    given = {name: pages.hidden(page, name) for name in named}
    return browser.post(CONFIRMED, {**given, **fields})


def test_rp_initiated_logout_goes_back_with_the_state_and_nothing_else(web: Party, browser: Browser, hint: str) -> None:
    answer = leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT, state="s p&ce")
    assert (answer.status_code, answer["Location"]) == (303, f"{SIGNED_OUT}?state=s+p%26ce")
    assert sent(Flow(web, {"prompt": "none"}).begin(browser))["error"] == "login_required"
    assert Device.objects.get(client_id="first-party").ended_because == "signed_out"


def test_rp_initiated_logout_no_state(web: Party, browser: Browser, hint: str) -> None:
    assert leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT


def test_rp_initiated_logout_by_post(web: Party, browser: Browser, hint: str) -> None:
    answer = browser.http.post(LOGOUT, {"id_token_hint": hint, "post_logout_redirect_uri": SIGNED_OUT})
    assert browser.get(answer["Location"])["Location"] == SIGNED_OUT
    assert not is_signed_in(browser, web)


def test_hint_that_has_run_out_is_still_one(web: Party, browser: Browser, hint: str) -> None:
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False):
        assert leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT


def test_K05_hint_is_one_when_its_key_is_published_no_more(web: Party, browser: Browser, hint: str) -> None:
    """Sign-ins last for months, and keys of ID tokens do not."""
    rotate_away(hint)
    assert header(hint)["kid"] not in {key["kid"] for key in browser.get("/.well-known/jwks.json").json()["keys"]}
    assert sent(Flow(web, {"prompt": "none", "id_token_hint": hint}).begin(browser))["code"]
    assert leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT


def test_K07_hint_of_a_pulled_key_is_none(web: Party, browser: Browser, hint: str) -> None:
    rotate_away(hint)
    rotation.pull(header(hint)["kid"])
    news_is_due()
    assert_nothing_happened(leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT), browser, web)


def rotate_away(hint: str) -> None:
    key = SigningKey.objects.get(kid=header(hint)["kid"])
    ripen()
    rotation.rotate(key.algorithm, key.purpose)
    age(timedelta(hours=1))
    rotation.destroy_expired()
    news_is_due()


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
def test_hint_of_before_its_client_changed_the_algorithm_is_still_one(
    web: Party, browser: Browser, hint: str, algorithm: str
) -> None:
    clients.amend(web.id, {"id_token_algorithm": algorithm})
    assert sent(Flow(web, {"prompt": "none", "id_token_hint": hint}).begin(browser))["code"]
    assert leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT
    assert not is_signed_in(browser, web)


def test_O17_hint_that_another_key_of_ours_signed_is_none(web: Party, browser: Browser, hint: str) -> None:
    """The same claims, signed by the key of access tokens."""
    signed_as = {"typ": "JWT", "algorithm": "ES256"}
    clients.amend(web.id, {"id_token_algorithm": "ES256"})
    other = jose.sign(forge.opened(hint)[1], purpose=SigningKey.Purpose.ACCESS, **signed_as)
    assert_nothing_happened(leave(browser, id_token_hint=other, post_logout_redirect_uri=SIGNED_OUT), browser, web)
    same = jose.sign(forge.opened(hint)[1], purpose=SigningKey.Purpose.ID_ES256, **signed_as)
    assert leave(browser, id_token_hint=same, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT


def test_O17_hint_by_another_algorithm_than_that_of_its_key_is_none(web: Party, browser: Browser, hint: str) -> None:
    """The public half of the key, taken for a secret."""
    key = SigningKey.objects.get(kid=header(hint)["kid"])
    secret = forge.pem(material.public_from_jwk(key.public_jwk, key.algorithm))  # type: ignore[arg-type]
    confused = forge.signed({**header(hint), "alg": "HS256"}, forge.opened(hint)[1], forge.hs(secret))
    assert_nothing_happened(leave(browser, id_token_hint=confused, post_logout_redirect_uri=SIGNED_OUT), browser, web)


@pytest.mark.parametrize("uri", ["https://evil.example/", f"{SIGNED_OUT}/", f"{SIGNED_OUT}?x=1", "https://SHOP.example/bye", "x"])
def test_O18_bad_post_logout_redirect_uri_and_query_added_to_it(web: Party, browser: Browser, hint: str, uri: str) -> None:
    assert_nothing_happened(leave(browser, id_token_hint=hint, post_logout_redirect_uri=uri), browser, web)


def test_O17_bad_id_token_hint(web: Party, browser: Browser, hint: str) -> None:
    for bad in ("x", "a.b.c", forge.altered(hint), hint + "x"):
        assert_nothing_happened(leave(browser, id_token_hint=bad, post_logout_redirect_uri=SIGNED_OUT), browser, web)


def test_O17_modified_id_token_hint(web: Party, browser: Browser, hint: str) -> None:
    modified = forge.unsigned({**header(hint), "alg": "none"}, forge.opened(hint)[1])
    assert_nothing_happened(leave(browser, id_token_hint=modified, post_logout_redirect_uri=SIGNED_OUT), browser, web)


def test_O18_no_id_token_hint_is_no_way_back(web: Party, browser: Browser, hint: str) -> None:
    assert_nothing_happened(leave(browser, post_logout_redirect_uri=SIGNED_OUT), browser, web)


def test_O17_hint_of_one_client_with_the_id_of_another(web: Party, other_web: Party, browser: Browser, hint: str) -> None:
    assert_nothing_happened(leave(browser, id_token_hint=hint, client_id=other_web.id), browser, web)


def test_C05_no_params_asks_and_the_button_signs_out(web: Party, browser: Browser, hint: str) -> None:
    page = leave(browser)
    assert page.status_code == 200
    assert is_signed_in(browser, web), "a link of somebody else's page signs nobody out"
    assert browser.http.post(CONFIRMED, {}).status_code == 403
    done = confirm(browser, page)
    assert "You are signed out" in done.content.decode()
    assert not is_signed_in(browser, web)


def test_no_post_logout_redirect_uri_ends_on_a_page_of_ours(web: Party, browser: Browser, hint: str) -> None:
    answer = leave(browser, id_token_hint=hint)
    assert "You are signed out" in answer.content.decode()
    assert not is_signed_in(browser, web)


def test_only_state_asks(web: Party, browser: Browser, hint: str) -> None:
    page = leave(browser, state="x")
    assert "Stay signed in" in page.content.decode()
    assert is_signed_in(browser, web)


def test_O18_client_id_alone_asks_first_and_then_leads_back(web: Party, browser: Browser, hint: str) -> None:
    page = leave(browser, client_id=web.id, post_logout_redirect_uri=SIGNED_OUT, state="x")
    assert is_signed_in(browser, web)
    assert address(confirm(browser, page)) == f"{SIGNED_OUT}?state=x"
    assert not is_signed_in(browser, web)


def test_O18_what_the_form_changes_is_judged_again(web: Party, browser: Browser, hint: str) -> None:
    page = leave(browser, client_id=web.id, post_logout_redirect_uri=SIGNED_OUT)
    changed = confirm(browser, page, post_logout_redirect_uri="https://evil.example/")
    assert_nothing_happened(changed, browser, web)


def test_C05_hint_of_another_browser_asks(web: Party, browser: Browser, hint: str, bob: User) -> None:
    """Bob's site cannot sign Alice out with an ID token of Bob's, nor one of her browsers with that of another."""
    bobs = signed_in(bob)
    for other in (Flow(web).tokens(bobs)["id_token"], Flow(web).tokens(signed_in(User.objects.get(name="Alice")))["id_token"]):
        page = leave(browser, id_token_hint=other, post_logout_redirect_uri=SIGNED_OUT)
        assert page.status_code == 200
        assert is_signed_in(browser, web)


def test_nobody_there_goes_straight_back(web: Party, browser: Browser, hint: str) -> None:
    assert leave(Browser(), id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)["Location"] == SIGNED_OUT
    assert is_signed_in(browser, web)


def test_sign_out_ends_every_client_of_the_browser_and_none_of_another(
    web: Party, other_web: Party, browser: Browser, hint: str, alice: User
) -> None:
    blog: dict[str, str | None] = {"redirect_uri": "https://blog.example/cb"}
    Flow(other_web, blog).tokens(browser)
    elsewhere = signed_in(alice)
    Flow(web).tokens(elsewhere)
    leave(browser, id_token_hint=hint)
    ended = Device.objects.exclude(revoked_at=None).values_list("client_id", flat=True)
    assert sorted(ended) == sorted(["first-party", web.id, other_web.id])
    assert is_signed_in(elsewhere, web)


def test_sign_out_ends_the_offline_sign_in_of_the_client_that_asks_and_of_no_other(
    web: Party, other_web: Party, browser: Browser
) -> None:
    asks = Flow(web, {"scope": "openid offline_access"})
    stays = Flow(other_web, {"scope": "openid offline_access", "redirect_uri": "https://blog.example/cb"})
    had, kept = asks.tokens(browser), stays.tokens(browser)
    leave(browser, id_token_hint=had["id_token"])
    assert asks.refresh(had["refresh_token"]).json()["error"] == "invalid_grant"
    assert stays.refresh(kept["refresh_token"]).status_code == 200


@pytest.mark.parametrize("way", ["back", "on a page of ours", "after the page that asks"])
def test_C15_sign_out_leaves_nothing_in_the_browser(web: Party, browser: Browser, hint: str, way: str) -> None:
    if way == "after the page that asks":
        page = leave(browser, client_id=web.id, post_logout_redirect_uri=SIGNED_OUT)
        assert settings.COOKIE_NAME not in page.cookies, "not yet"
        answer = confirm(browser, page)
    else:
        back = {"post_logout_redirect_uri": SIGNED_OUT} if way == "back" else {}
        answer = leave(browser, id_token_hint=hint, **back)
    assert (answer.cookies[settings.COOKIE_NAME].value, answer.cookies[settings.COOKIE_NAME]["max-age"]) == ("", 0)
    assert answer["Clear-Site-Data"] == '"cache", "storage"'


@pytest.mark.parametrize(
    "asked", [{"id_token_hint": "x"}, {"client_id": "c_nobody"}, {"post_logout_redirect_uri": SIGNED_OUT}], ids=str
)
def test_refused_sign_out_says_who_is_still_there_and_offers_the_way_out(
    web: Party, browser: Browser, hint: str, asked: dict[str, str]
) -> None:
    page = leave(browser, **asked)
    assert_nothing_happened(page, browser, web)
    assert "Nothing was changed: you are still signed in as <strong>alice@example.com</strong>" in pages.text(page)
    assert 'href="/account/security/"' in pages.text(page)
    done = confirm(browser, page)
    assert (done.status_code, "Location" in done) == (200, False)
    assert "You are signed out" in pages.text(done)
    assert not is_signed_in(browser, web)


def test_sign_out_of_a_stopped_client_offers_the_same(web: Party, browser: Browser, hint: str) -> None:
    clients.switch(web.id, on=False)
    page = leave(browser, id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT)
    assert "you are still signed in as" in pages.text(page)
    done = confirm(browser, page)
    assert "You are signed out" in pages.text(done)
    assert SIGNED_OUT not in pages.text(page) + pages.text(done)


def test_refused_sign_out_where_nobody_is_signed_in_says_so() -> None:
    page = leave(Browser(), client_id="c_nobody")
    assert "Nobody is signed in here" in pages.text(page)
    assert "<form" not in pages.text(page)


def test_O28_repeated_parameter_is_refused_at_the_sign_out(web: Party, browser: Browser, hint: str) -> None:
    assert_nothing_happened(browser.get(f"{LOGOUT}?state=1&state=2&id_token_hint={hint}"), browser, web)


def test_O33_no_script_of_another_origin_may_read_it(web: Party, browser: Browser) -> None:
    assert "Access-Control-Allow-Origin" not in browser.get(LOGOUT, Origin="https://shop.example")
