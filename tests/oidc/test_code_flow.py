"""Sign-in at a client: code, PKCE, tokens, userinfo."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.keys.models import SigningKey
from accounts.oidc import clients
from accounts.oidc.errors import InvalidGrant
from accounts.oidc.models import Service
from accounts.tokens import jose
from accounts.users.models import User
from tests.oidc.flow import Flow, address, allowed, claims, followed, header, sent, signed_in
from tests.oidc.parties import CALLBACK, Party
from tests.support.app import App
from tests.support.browser import Browser
from tests.support.pages import hidden


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def test_visitor_who_is_signed_in_is_asked_once_and_not_again(web: Party, browser: Browser) -> None:
    page = followed(browser, Flow(web).begin(browser))
    assert page.status_code == 200
    assert "Let Shop in?" in page.content.decode()
    assert allowed(browser, page)["code"]
    straight = Flow(web).begin(browser)
    assert straight.status_code == 303
    assert straight["Location"].startswith(f"{CALLBACK}?code=")
    assert straight["Referrer-Policy"] == "no-referrer"


def test_oidcc_server_tokens_say_who_signed_in_when_and_how(web: Party, browser: Browser, alice: User) -> None:
    tokens = Flow(web).tokens(browser)
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 600, "openid email")
    assert "refresh_token" not in tokens
    told = claims(tokens["id_token"])
    device = Device.objects.get(client_id=web.id)
    assert (told["iss"], told["sub"], told["aud"], told["nonce"]) == (settings.PUBLIC_URL, str(alice.id), web.id, "the nonce")
    assert (told["acr"], told["amr"], told["sid"]) == ("aal1", ["pwd"], str(device.id))
    assert told["auth_time"] == device.auth_time
    assert told["exp"] - told["iat"] == 300
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert told["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    assert not {"email", "name"} & told.keys()


def test_O31_access_token_is_for_userinfo_alone_and_no_key_to_the_api(web: Party, browser: Browser, alice: User) -> None:
    token = Flow(web).tokens(browser)["access_token"]
    told = claims(token)
    assert (header(token)["typ"], told["aud"]) == ("at+jwt", [f"{settings.PUBLIC_URL}/oauth/userinfo"])
    assert (told["client_id"], told["sub"], told["scope"]) == (web.id, str(alice.id), "openid email")
    assert not {"permissions", "superuser", "email", "name"} & told.keys()
    stranger, own = App(access=token), App()
    own.sign_in(alice.email or "")
    assert own.get("/api/v1/me/").status_code == 200
    assert stranger.get("/api/v1/me/").json()["code"] == "token_invalid"


def test_J09_token_for_a_service_is_for_that_service(make_party: Callable[..., Party], notes: Service, browser: Browser) -> None:
    party = make_party("Reader", scopes=("openid", "profile", "email", "offline_access", "notes:read", "notes:write"))
    tokens = Flow(party, {"scope": "openid notes:read", "resource": notes.audience}).tokens(browser)
    told = claims(tokens["access_token"])
    assert (told["aud"], told["scope"], told["roles"]) == ([notes.audience], "notes:read", [])
    assert tokens["scope"] == "openid notes:read"


@pytest.mark.parametrize("algorithm", ["ES256", "Ed25519"])
def test_id_token_is_signed_by_the_algorithm_of_its_client(
    make_party: Callable[..., Party], browser: Browser, algorithm: str
) -> None:
    token = Flow(make_party("Else", id_token_algorithm=algorithm)).tokens(browser)["id_token"]
    assert (header(token)["alg"], header(token)["typ"]) == (algorithm, "JWT")
    assert jose.verify(token, typ="JWT", purposes={SigningKey.for_id_tokens(algorithm)})["nonce"] == "the nonce"


def test_idtoken_signature_default_is_rs256_with_a_kid_of_the_published_set(web: Party, browser: Browser) -> None:
    token = Flow(web).tokens(browser)["id_token"]
    published = {key["kid"]: key for key in browser.get("/.well-known/jwks.json").json()["keys"]}
    assert (header(token)["alg"], published[header(token)["kid"]]["alg"]) == ("RS256", "RS256")


def test_J08_id_token_is_no_access_token_and_the_other_way_round(web: Party, browser: Browser) -> None:
    tokens = Flow(web).tokens(browser)
    assert App(access=tokens["access_token"]).get("/oauth/userinfo").status_code == 200
    assert App(access=tokens["id_token"]).get("/oauth/userinfo").status_code == 401
    refused = Flow(web, {"id_token_hint": tokens["access_token"]}).begin(browser)
    assert sent(refused)["error"] == "invalid_request"


def test_userinfo_tells_what_was_allowed_by_get_and_by_post(web: Party, browser: Browser, alice: User) -> None:
    app = App(access=Flow(web).tokens(browser)["access_token"])
    told = {"sub": str(alice.id), "email": "alice@example.com", "email_verified": True}
    assert app.get("/oauth/userinfo").json() == told
    assert app.http.post("/oauth/userinfo", headers={"Authorization": f"Bearer {app.access}"}).json() == told
    app.access = Flow(web, {"scope": "openid profile"}).tokens(browser)["access_token"]
    assert app.get("/oauth/userinfo").json() == {"sub": str(alice.id), "name": "Alice"}


def test_O22_userinfo_wants_openid_and_the_right_audience(
    make_party: Callable[..., Party], notes: Service, browser: Browser
) -> None:
    party = make_party("Reader", scopes=("openid", "email", "offline_access", "notes:read"))
    plain = App(access=Flow(party, {"scope": "email"}).tokens(browser)["access_token"])
    assert plain.get("/oauth/userinfo").status_code == 403
    assert 'error="insufficient_scope"' in plain.get("/oauth/userinfo")["WWW-Authenticate"]
    other = App(access=Flow(party, {"scope": "openid notes:read"}).tokens(browser)["access_token"])
    assert other.get("/oauth/userinfo").status_code in {401, 403}
    assert App(access=Flow(party).tokens(browser)["access_token"]).get("/oauth/userinfo").status_code == 200


def test_O24_address_is_verified_only_while_it_is(web: Party, browser: Browser, alice: User) -> None:
    app = App(access=Flow(web).tokens(browser)["access_token"])
    assert app.get("/oauth/userinfo").json()["email_verified"] is True
    User.objects.filter(id=alice.id).update(email_verified_at=None)
    assert app.get("/oauth/userinfo").status_code == 401


def test_O23_sub_is_the_id_of_the_account_and_nothing_else(web: Party, browser: Browser, alice: User) -> None:
    assert claims(Flow(web).tokens(browser)["id_token"])["sub"] == str(alice.id)


def test_O12_O47_answers_and_errors_name_their_issuer_and_give_the_state_back(web: Party, browser: Browser) -> None:
    good = allowed(browser, Flow(web).begin(browser))
    assert (good["iss"], good["state"]) == (settings.PUBLIC_URL, "the state")
    bad = sent(Flow(web, {"scope": "openid admin"}).begin(browser))
    assert (bad["iss"], bad["state"], bad["error"]) == (settings.PUBLIC_URL, "the state", "invalid_scope")
    assert set(bad) == {"iss", "state", "error", "error_description"}
    assert "state" not in sent(Flow(web, {"state": None, "scope": "openid admin"}).begin(browser))


@pytest.mark.parametrize("nonce", ["é☃" * 120, None, "a b+c/d=&x"])
def test_O13_nonce_comes_back_as_it_came(web: Party, browser: Browser, nonce: str | None) -> None:
    assert claims(Flow(web, {"nonce": nonce}).tokens(browser)["id_token"]).get("nonce") == nonce


def test_redirect_uri_with_a_query_keeps_it(make_party: Callable[..., Party], browser: Browser) -> None:
    uri = "https://shop.example/cb?tenant=7"
    party = make_party("Tenants", redirect_uris=(uri,))
    answer = Flow(party, {"redirect_uri": uri}).begin(browser)
    page = followed(browser, answer)
    allowed(browser, page)
    straight = address(Flow(party, {"redirect_uri": uri}).begin(browser))
    assert dict(parse_qsl(urlsplit(straight).query))["tenant"] == "7"


def test_ensure_post_request_succeeds(web: Party, browser: Browser) -> None:
    answer = browser.http.post("/oauth/authorize", Flow(web).parameters)
    assert answer.status_code == 303
    assert allowed(browser, answer)["code"]  # type: ignore[arg-type]


def test_ensure_request_with_unknown_parameter_succeeds(web: Party, browser: Browser) -> None:
    assert Flow(web, {"extra": "x", "display": "popup", "claims_locales": "de", "ui_locales": "xx"}).tokens(browser)


def test_alternate_happy_flow_order_of_scopes_does_not_matter(web: Party, browser: Browser) -> None:
    assert Flow(web, {"scope": "email openid"}).tokens(browser)["id_token"]


def test_O06_code_lives_a_minute(web: Party, browser: Browser) -> None:
    early, late = Flow(web), Flow(web)
    codes = early.code(browser), late.code(browser)
    current = timezone.now()
    with time_machine.travel(current + timedelta(seconds=55), tick=False):
        assert early.exchange(codes[0]).status_code == 200
    with time_machine.travel(current + timedelta(seconds=61), tick=False):
        assert late.exchange(codes[1]).json()["error"] == "invalid_grant"


def test_code_of_a_browser_that_was_signed_out_meanwhile_is_worth_nothing(web: Party, browser: Browser, alice: User) -> None:
    flow = Flow(web)
    code = flow.code(browser)
    registry.revoke_all(alice.id, "signed_out", actor=None, source=registry.Source())
    assert flow.exchange(code).json()["error"] == "invalid_grant"


def test_X01_gate_is_asked_when_the_code_is_exchanged(web: Party, browser: Browser, alice: User) -> None:
    for state in ({"is_active": False}, {"email_verified_at": None}, {"deletion_due_at": timezone.now()}):
        User.objects.filter(id=alice.id).update(is_active=True, email_verified_at=timezone.now(), deletion_due_at=None)
        flow = Flow(web)
        code = flow.code(browser)
        User.objects.filter(id=alice.id).update(**state)
        assert flow.exchange(code).json() == {"error": "invalid_grant", "error_description": InvalidGrant.detail}


def test_X01_stopped_client_gets_no_tokens_and_its_tokens_end(web: Party, browser: Browser) -> None:
    flow = Flow(web)
    app = App(access=flow.tokens(browser)["access_token"])
    again = Flow(web)
    code = again.code(browser)
    assert app.get("/oauth/userinfo").status_code == 200
    clients.switch(web.id, on=False)
    assert app.get("/oauth/userinfo").status_code == 401
    assert again.exchange(code).json()["error"] == "invalid_client"
    assert flow.begin(browser).status_code == 400


def test_one_row_for_each_client_in_a_browser_that_gets_no_refresh_tokens(
    web: Party, other_web: Party, browser: Browser, alice: User
) -> None:
    for _ in range(3):
        Flow(web).tokens(browser)
    Flow(other_web, {"redirect_uri": "https://blog.example/cb"}).tokens(browser)
    assert Device.objects.filter(client_id=web.id).count() == 1
    assert registry.live(alice.id).count() == 1, "they are no devices of their own"


def test_R18_what_a_client_was_given_ends_with_the_browser(web: Party, browser: Browser) -> None:
    app = App(access=Flow(web).tokens(browser)["access_token"])
    assert app.get("/oauth/userinfo").status_code == 200
    browser.post("/account/sign-out/")
    assert app.get("/oauth/userinfo").status_code == 401
    assert Device.objects.get(client_id=web.id).ended_because == "signed_out"


def test_O30_code_is_in_no_referrer_and_in_no_log(
    web: Party, browser: Browser, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    flow = Flow(web)
    page = followed(browser, flow.begin(browser))
    answer = browser.post("/account/consent/", {"request": hidden(page, "request"), "choice": "allow"})
    assert answer["Referrer-Policy"] == "no-referrer"
    code = sent(answer)["code"]
    assert flow.exchange(code).status_code == 200
    flow.exchange(code)
    logged = caplog.text + capfd.readouterr().err
    assert "/oauth/token" in logged
    assert code not in logged


def test_each_sign_in_at_a_client_is_recorded(web: Party, browser: Browser, alice: User) -> None:
    Flow(web).tokens(browser)
    event = AuditEvent.objects.get(event="client.signed_in")
    assert (event.subject_id, event.details["client_name"]) == (alice.id, "Shop")
    assert "Signed in to Shop" in browser.get("/account/security/").content.decode()
