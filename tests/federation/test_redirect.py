"""Sign in by redirect: only the browser that asked gets in, only with the answer to its own question, and once."""

import base64
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.conf import settings as configured
from django.http import HttpResponse
from django.test import Client

from accounts.federation import jwks
from accounts.federation.models import FederatedIdentity
from accounts.signin import federated
from accounts.users.models import User
from tests.support.app import PASSWORD
from tests.support.issuer import CLIENT_ID, Issuer

from .conftest import Configure, nonce_for

COOKIE = "federated"
BEGIN, CALLBACK = "/account/federated/upstream/", "/account/federated/upstream/callback/"


@pytest.fixture
def offered(db: None, configure: Configure) -> Issuer:
    provider = configure(client_id=CLIENT_ID, client_secret="s3cret: /")
    assert "s3cret" not in repr(provider)
    return Issuer(url=provider.issuer)


def begun(browser: Client, **query: str) -> str:
    answer = browser.get(BEGIN, query)
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def is_signed_in(browser: Client) -> bool:
    return browser.get("/api/v1/me/", headers={"Accept": "application/json"}).status_code == 200


def refused(answer: HttpResponse) -> bool:
    return answer.status_code == 400 and configured.COOKIE_NAME not in answer.cookies


def test_browser_signs_in_and_ends_where_it_wanted(offered: Issuer, issuer: Issuer) -> None:
    browser = Client()
    answer = browser.get(CALLBACK, issuer.authorize(begun(browser, next="/account/security/")))
    assert (answer.status_code, answer["Location"]) == (303, "/account/security/")
    assert is_signed_in(browser)
    assert User.objects.get().email == "carol@example.com"
    assert browser.cookies[COOKIE].value == ""


def test_F11_no_more_is_asked_than_who_it_is(offered: Issuer) -> None:
    asked = dict(parse_qsl(urlsplit(begun(Client())).query))
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert asked["code_challenge_method"] == "S256"


def test_secret_travels_by_basic_and_a_public_client_has_none(offered: Issuer, issuer: Issuer, configure: Configure) -> None:
    browser = Client()
    browser.get(CALLBACK, issuer.authorize(begun(browser)))
    configure(client_id=CLIENT_ID)
    browser.get(CALLBACK, issuer.authorize(begun(browser)))
    (confidential, first), (public, second) = issuer.posts
    assert base64.b64decode(confidential.removeprefix("Basic ")).decode() == f"{CLIENT_ID}:s3cret%3A%20%2F"
    assert "client_id" not in first
    assert (public, second["client_id"]) == ("", CLIENT_ID)


def test_F06_answer_for_another_browser_is_refused(offered: Issuer, issuer: Issuer) -> None:
    attacker, victim = Client(), Client()
    answer = issuer.authorize(begun(attacker))
    assert refused(victim.get(CALLBACK, answer))
    begun(victim)
    assert refused(victim.get(CALLBACK, answer))
    assert not is_signed_in(victim)
    assert attacker.get(CALLBACK, answer).status_code == 303


@pytest.mark.parametrize(
    "changes", [{"state": "x"}, {"state": ""}, {"code": ""}, {"error": "access_denied"}, {"code": "x" * 3000}], ids=str
)
def test_F06_changed_answer_is_refused(offered: Issuer, issuer: Issuer, changes: dict[str, Any]) -> None:
    browser = Client()
    answer = issuer.authorize(begun(browser))
    assert refused(browser.get(CALLBACK, {**answer, **changes}))
    assert issuer.posts == []


def test_F06_browser_that_never_asked_is_refused(offered: Issuer, issuer: Issuer) -> None:
    answer = issuer.authorize(begun(Client()))
    for query in (answer, {**answer, "state": ""}, {"code": "x"}, {}):
        stranger, other = Client(), Client()
        other.get("/account/reset/")
        other.cookies[COOKIE] = "eyJhbGciOiJub25lIn0.e30.AA"
        assert refused(stranger.get(CALLBACK, query))
        assert refused(other.get(CALLBACK, query))
    assert issuer.posts == []


def test_F06_answer_is_taken_once(offered: Issuer, issuer: Issuer) -> None:
    browser = Client()
    location = begun(browser)
    kept = browser.cookies[COOKIE].value
    assert browser.get(CALLBACK, issuer.authorize(location)).status_code == 303
    again = Client()
    again.cookies[COOKIE] = kept
    assert refused(again.get(CALLBACK, issuer.authorize(location)))


def test_F06_answer_costs_the_issuer_one_request_however_often_it_comes(offered: Issuer, issuer: Issuer) -> None:
    browser, again = Client(), Client()
    answer = {**issuer.authorize(begun(browser)), "code": "made-up"}
    kept = browser.cookies[COOKIE].value
    for _ in range(5):
        again.cookies[COOKIE] = kept
        assert again.get(CALLBACK, answer).status_code == 400
    assert len(issuer.posts) == 1
    assert browser.get(CALLBACK, issuer.authorize(begun(browser))).status_code == 303
    assert len(issuer.posts) == 2


def test_F06_question_of_ten_minutes_ago_is_not_answered(
    offered: Issuer, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client()
    late = issuer.authorize(begun(browser))
    assert browser.cookies[COOKIE]["max-age"] == 600
    with monkeypatch.context() as later:
        later.setattr("accounts.federation.nonces.now", lambda: int(time.time()) + 601)
        assert refused(browser.get(CALLBACK, late))
    assert issuer.posts == []
    assert browser.get(CALLBACK, issuer.authorize(begun(browser))).status_code == 303


def test_F06_network_that_fails_too_often_waits(offered: Issuer, issuer: Issuer) -> None:
    ours, others = Client(REMOTE_ADDR="198.51.100.7"), Client(REMOTE_ADDR="203.0.113.7")
    assert {ours.get(CALLBACK, issuer.authorize(begun(ours))).status_code for _ in range(3)} == {303}
    ours.cookies.clear()
    assert {ours.get(CALLBACK, {"code": "x", "state": "x"}).status_code for _ in range(federated.NETWORK.free)} == {400}
    asked = len(issuer.posts)
    waiting = ours.get(CALLBACK, issuer.authorize(begun(ours)))
    assert (waiting.status_code, int(waiting["Retry-After"]) > 0) == (429, True)
    assert len(issuer.posts) == asked
    assert others.get(CALLBACK, issuer.authorize(begun(others))).status_code == 303


def test_F06_known_browser_does_not_wait_with_its_network(offered: Issuer, issuer: Issuer) -> None:
    known, stranger = Client(), Client()
    assert known.get(CALLBACK, issuer.authorize(begun(known))).status_code == 303
    for _ in range(federated.NETWORK.free):
        stranger.get(CALLBACK, {"code": "x", "state": "x"})
    assert stranger.get(CALLBACK, issuer.authorize(begun(stranger))).status_code == 429
    assert known.get(CALLBACK, issuer.authorize(begun(known))).status_code == 303


def test_F06_code_of_another_sign_in_is_refused(offered: Issuer, issuer: Issuer) -> None:
    """The attacker's code under the victim's state: verifier and nonce are the victim's."""
    attacker, victim = Client(), Client()
    stolen, own = issuer.authorize(begun(attacker)), issuer.authorize(begun(victim))
    assert refused(victim.get(CALLBACK, {**own, "code": stolen["code"]}))
    assert not is_signed_in(victim)
    assert victim.get(CALLBACK, issuer.authorize(begun(victim))).status_code == 303
    assert is_signed_in(victim)


def test_F06_id_token_of_another_sign_in_is_refused(offered: Issuer, issuer: Issuer) -> None:
    browser = Client()
    answer, issuer.nonce = issuer.authorize(begun(browser)), nonce_for()
    assert refused(browser.get(CALLBACK, answer))
    issuer.nonce = ""
    assert browser.get(CALLBACK, issuer.authorize(begun(browser))).status_code == 303


def test_F07_answer_of_another_provider_is_refused(offered: Issuer, issuer: Issuer, configure: Configure) -> None:
    browser = Client()
    answer = issuer.authorize(begun(browser))
    assert refused(browser.get(CALLBACK, {**answer, "iss": "https://evil.example"}))
    answer = issuer.authorize(begun(browser))
    configure("another", client_id=CLIENT_ID)
    assert refused(browser.get("/account/federated/another/callback/", answer))
    configure(client_id=CLIENT_ID)
    assert browser.get(CALLBACK, issuer.authorize(begun(browser))).status_code == 303


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "evil", "/\\evil.example", ""]
)
def test_F06_it_ends_on_our_own_site(offered: Issuer, issuer: Issuer, target: str) -> None:
    browser = Client()
    assert browser.get(CALLBACK, issuer.authorize(begun(browser, next=target)))["Location"] == "/account/security/"


def test_F03_endpoints_of_another_host_are_refused(offered: Issuer, issuer: Issuer) -> None:
    issuer.metadata = {"authorization_endpoint": "https://evil.example/authorize"}
    assert Client().get(BEGIN).status_code == 503
    issuer.metadata = {}
    jwks.forget()
    assert {Client().get(BEGIN).status_code for _ in range(5)} == {303}
    assert len(issuer.paths) == 2


def test_F13_issuer_that_is_away_is_not_asked_by_everybody(offered: Issuer, issuer: Issuer) -> None:
    issuer.mode = "error"
    assert {Client().get(BEGIN).status_code for _ in range(10)} == {503}
    assert len(issuer.paths) == 1
    assert int(Client().get(BEGIN)["Retry-After"]) > 0
    issuer.mode = "fine"
    jwks.forget()
    assert Client().get(BEGIN).status_code == 303


def test_address_of_an_account_is_told_what_to_do(offered: Issuer, issuer: Issuer, alice: User) -> None:
    User.objects.filter(id=alice.id).update(email="carol@example.com")
    browser = Client()
    answer = browser.get(CALLBACK, issuer.authorize(begun(browser)))
    assert answer.status_code == 409
    assert "There is an account with the address" in answer.content.decode()
    assert not is_signed_in(browser)


def test_provider_that_pages_do_not_offer_is_not_found(db: None, provider: object) -> None:
    assert {Client().get(path).status_code for path in (BEGIN, "/account/federated/other/")} == {404}


def test_F10_page_asks_for_the_second_factor_that_the_role_demands(offered: Issuer, issuer: Issuer, settings: Any) -> None:
    browser = Client()
    browser.get(CALLBACK, issuer.authorize(begun(browser)))
    User.objects.update(is_staff=True)
    settings.REQUIRE_MFA_FOR_STAFF = True
    browser = Client()
    answer = browser.get(CALLBACK, issuer.authorize(begun(browser)))
    assert (answer.status_code, "signin/set_up.html" in {template.name for template in answer.templates}) == (200, True)
    assert not is_signed_in(browser)


def test_F09_account_with_the_address_is_linked_after_its_owner_signed_in(offered: Issuer, issuer: Issuer, alice: User) -> None:
    browser, link = Client(), "/account/security/identities/link/"
    alice_there = User.objects.filter(id=alice.id)
    alice_there.update(email="carol@example.com")
    found = browser.get(CALLBACK, issuer.authorize(begun(browser)))
    assert found.status_code == 409
    assert f"next={link}" in found.content.decode()
    browser.post("/account/sign-in/", {"email": "carol@example.com", "password": PASSWORD, "next": link})
    assert not FederatedIdentity.objects.exists()
    assert browser.get(link).status_code == 200
    assert browser.post(link).status_code == 303
    assert FederatedIdentity.objects.get().user_id == alice.id
