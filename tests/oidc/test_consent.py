"""Somebody says yes, or no, or takes it back; nobody else does it for them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.lifecycle import deletion, export
from accounts.oidc import audiences, clients, sweep
from accounts.oidc.audiences import Described
from accounts.oidc.models import AuthorizationCode, AuthorizationRequest, Consent, Service
from accounts.users.models import User
from tests.oidc.flow import CONSENT, Flow, address, allowed, followed, next_of, sent, signed_in
from tests.oidc.parties import CALLBACK, Party
from tests.support import pages
from tests.support.app import App
from tests.support.browser import Answer, Browser
from tests.support.mailbox import last_letter
from tests.support.phone import enrolled

APPS = "/account/security/apps/"
SWEPT = ("authorization_codes", "authorization_requests", "device_authorizations", "client_secrets")


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def choose(browser: Browser, page: Answer, choice: str, **fields: str) -> Answer:
    return browser.post(CONSENT, {"request": pages.hidden(page, "request"), "choice": choice, **fields})


def test_page_says_in_plain_words_what_is_asked_and_by_whom(
    make_party: Callable[..., Party], notes: Service, browser: Browser
) -> None:
    party = make_party("Reader", scopes=("openid", "profile", "email", "offline_access", "notes:read"))
    page = followed(browser, Flow(party, {"scope": "openid email offline_access notes:read"}).begin(browser)).content.decode()
    for words in (
        "Reader",
        "shop.example",
        "alice@example.com",
        "Your e-mail address",
        "Notes: Read your notes",
        "when you are away",
    ):
        assert words in page
    assert "Your name" not in page


def test_no_is_told_to_the_client(web: Party, browser: Browser) -> None:
    answer = choose(browser, followed(browser, Flow(web).begin(browser)), "deny")
    assert sent(answer)["error"] == "access_denied"
    assert not Consent.objects.exists()


@pytest.mark.parametrize("choice", ["", "ALLOW", "yes"])
def test_O14_anything_but_yes_is_no(web: Party, browser: Browser, choice: str) -> None:
    assert sent(choose(browser, followed(browser, Flow(web).begin(browser)), choice))["error"] == "access_denied"


def test_O14_more_than_was_agreed_to_is_asked_for(web: Party, browser: Browser) -> None:
    Flow(web, {"scope": "openid"}).tokens(browser)
    assert sent(Flow(web, {"scope": "openid"}).begin(browser))["code"]
    assert b"Your e-mail address" in followed(browser, Flow(web).begin(browser)).content
    assert sent(Flow(web, {"prompt": "none"}).begin(browser))["error"] == "consent_required"


def test_O14_client_that_anybody_could_be_is_asked_about_every_time(native: Party, browser: Browser) -> None:
    asked: dict[str, str | None] = {"redirect_uri": "http://127.0.0.1:5000/cb"}
    for _ in range(2):
        assert Flow(native, asked).tokens(browser)["id_token"]
        page = followed(browser, Flow(native, asked).begin(browser))
        assert b'value="allow"' in page.content
    assert sent(Flow(native, {**asked, "prompt": "none"}).begin(browser))["error"] == "consent_required"


def test_client_with_a_secret_is_remembered_on_a_loopback_address_too(make_party: Callable[..., Party], browser: Browser) -> None:
    uri = "http://localhost:3000/cb"
    flow = Flow(make_party("Being built", redirect_uris=(uri,)), {"redirect_uri": uri})
    assert flow.tokens(browser)["id_token"]
    assert sent(flow.begin(browser))["code"]


def test_client_of_ones_own_does_not_ask(make_party: Callable[..., Party], browser: Browser) -> None:
    assert sent(Flow(make_party("Own", asks_consent=False)).begin(browser))["code"]


def test_O15_what_a_form_changes_of_the_request_is_nothing(web: Party, browser: Browser) -> None:
    page = followed(browser, Flow(web, {"scope": "openid"}).begin(browser))
    answer = choose(browser, page, "allow", scope="openid email profile", redirect_uri="https://evil.example/", client_id="x")
    assert address(answer).startswith(CALLBACK)
    assert Consent.objects.get().scopes == ["openid"]


def test_O15_request_of_somebody_else_is_not_there(web: Party, browser: Browser, bob: User) -> None:
    page, bobs = followed(browser, Flow(web).begin(browser)), signed_in(bob)
    assert choose(bobs, page, "allow").status_code == 404
    assert choose(Browser(), page, "allow").status_code in {403, 404}
    assert not Consent.objects.exists()
    assert sent(choose(browser, page, "allow"))["code"]


def test_O15_answer_counts_once_and_for_an_hour(web: Party, browser: Browser) -> None:
    page = followed(browser, Flow(web).begin(browser))
    late = followed(browser, Flow(web, {"scope": "openid profile"}).begin(browser))
    assert sent(choose(browser, page, "allow"))["code"]
    assert choose(browser, page, "allow").status_code == 404
    with time_machine.travel(timezone.now() + timedelta(hours=1, seconds=1), tick=False):
        assert choose(browser, late, "allow").status_code == 404


def test_O15_page_of_somebody_elses_site_cannot_answer(web: Party, browser: Browser) -> None:
    page = followed(browser, Flow(web).begin(browser))
    answer = browser.http.post(CONSENT, {"request": pages.hidden(page, "request"), "choice": "allow"})
    assert answer.status_code == 403
    assert not Consent.objects.exists()


def test_O32_answer_to_the_form_is_no_redirect_that_a_browser_would_hold_back(web: Party, browser: Browser) -> None:
    answer = choose(browser, followed(browser, Flow(web).begin(browser)), "allow")
    assert answer.status_code == 200
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]


def test_client_that_was_stopped_meanwhile_is_not_answered(web: Party, browser: Browser) -> None:
    page = followed(browser, Flow(web).begin(browser))
    clients.switch(web.id, on=False)
    assert choose(browser, page, "allow").status_code == 404


# --- The request outlives the way in -------------------------------------------------------------------------------


def test_request_survives_a_sign_in(web: Party, alice: User) -> None:
    browser, flow = Browser(), Flow(web)
    to_sign_in = browser.get(flow.begin(browser)["Location"])
    page = followed(browser, browser.sign_in("alice@example.com", target=next_of(to_sign_in)))
    assert flow.exchange(allowed(browser, page)["code"]).status_code == 200


def test_request_survives_a_second_factor(web: Party, alice: User) -> None:
    phone, browser, flow = enrolled(alice), Browser(), Flow(web)
    to_sign_in = browser.get(flow.begin(browser)["Location"])
    fields = pages.to_second_step(alice, browser, next_of(to_sign_in))
    answer = browser.post(pages.SECOND_STEP, {**fields, "method": "totp", "code": phone.code()})
    assert flow.exchange(allowed(browser, answer)["code"]).status_code == 200


def test_request_survives_a_sign_up_by_mail(web: Party) -> None:
    browser, flow = Browser(), Flow(web, {"state": "s" * 1000, "nonce": "n" * 1000})
    target = next_of(browser.get(flow.begin(browser)["Location"]))
    browser.get(f"{pages.SIGN_UP}?next={target}")
    assert pages.sign_up(browser, "new@example.com", next=target).status_code == 303
    answer = browser.post(pages.VERIFY, {"code": last_letter("new@example.com").code})
    answer = allowed(browser, answer)
    assert answer["state"] == "s" * 1000
    assert flow.exchange(answer["code"]).status_code == 200


def test_everybody_is_asked_before_anything_is_sent_though_nobody_is_signed_in(web: Party) -> None:
    answer = Flow(web).begin(Browser())
    assert answer["Location"].startswith(CONSENT)
    assert AuthorizationRequest.objects.count() == 1


# --- By form ---------------------------------------------------------------------------------------------------------


def test_O46_form_post_carries_nothing_that_runs(web: Party, browser: Browser) -> None:
    Flow(web).code(browser)
    answer = Flow(web, {"response_mode": "form_post", "state": '"><svg onload=alert(1)>'}).begin(browser)
    page = answer.content.decode()
    assert f'action="{CALLBACK}"' in page
    assert "<svg" not in page
    assert "form-action https://shop.example" in answer["Content-Security-Policy"]
    assert "'unsafe-inline'" not in answer["Content-Security-Policy"]
    assert (answer.status_code, "Location" in answer) == (200, False)


def test_formpost_basic_server_the_form_has_what_the_query_would(web: Party, browser: Browser) -> None:
    Flow(web).code(browser)
    flow = Flow(web, {"response_mode": "form_post"})
    page = flow.begin(browser)
    assert flow.exchange(pages.hidden(page, "code")).status_code == 200
    assert (pages.hidden(page, "state"), pages.hidden(page, "iss")) == ("the state", "http://testserver")
    refused = Flow(web, {"response_mode": "form_post", "scope": "admin"}).begin(browser)
    assert pages.hidden(refused, "error") == "invalid_scope"


# --- Taking it back --------------------------------------------------------------------------------------------------


def test_O36_withdrawn_consent_ends_what_the_client_holds(web: Party, browser: Browser, alice: User) -> None:
    flow = Flow(web, {"scope": "openid email offline_access"})
    tokens = flow.tokens(browser)
    waiting = flow.code(browser)
    app, consent = App(access=tokens["access_token"]), Consent.objects.get()
    page = browser.get(APPS).content.decode()
    assert "Shop" in page
    assert "Your e-mail address" in page
    browser.post(f"{APPS}{consent.id}/withdraw/")
    assert app.get("/oauth/userinfo").status_code == 401
    assert flow.refresh(tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert flow.exchange(waiting).json()["error"] == "invalid_grant"
    assert b'value="allow"' in followed(browser, flow.begin(browser)).content
    assert {device.ended_because for device in Device.objects.filter(client_id=web.id)} == {"consent_withdrawn"}
    assert AuditEvent.objects.get(event="consent.withdrawn").subject_id == alice.id


def test_B01_somebody_elses_consent_stays(web: Party, browser: Browser, bob: User) -> None:
    Flow(web).tokens(browser)
    consent = Consent.objects.get()
    signed_in(bob).post(f"{APPS}{consent.id}/withdraw/")
    assert Consent.objects.get() == consent


def test_L12_export_tells_of_it_and_erasure_takes_it_along(web: Party, browser: Browser, alice: User) -> None:
    Flow(web).code(browser)
    [told] = export.collect(alice.id)["applications"]
    assert (told["client__name"], told["scopes"]) == ("Shop", ["email", "openid"])
    User.objects.filter(id=alice.id).update(deletion_due_at=timezone.now() - timedelta(seconds=1))
    assert deletion.erase_due() == 1
    assert not Consent.objects.exists()
    assert not AuthorizationCode.objects.exists()


def test_what_has_run_out_is_swept(web: Party, browser: Browser) -> None:
    Flow(web).code(browser)
    assert sweep.sweep() == dict.fromkeys(SWEPT, 0)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert sweep.sweep() == {**dict.fromkeys(SWEPT, 0), "authorization_codes": 1, "authorization_requests": 1}


def test_O36_scope_that_is_registered_once_more_is_agreed_to_once_more(
    make_party: Callable[..., Party], notes: Service, browser: Browser
) -> None:
    party = make_party("Reader", scopes=("openid", "notes:read"), grants=("authorization_code",))
    Flow(party, {"scope": "openid notes:read"}).code(browser)
    audiences.remove(notes.pk)
    audiences.register(Described("https://bank.example", "Bank", {"notes:read": "Move your money"}))
    silent = Flow(party, {"scope": "openid notes:read", "prompt": "none"})
    assert sent(silent.begin(browser))["error"] == "invalid_scope"
    clients.amend(party.id, {"scopes": ("openid", "notes:read")})
    assert sent(silent.begin(browser))["error"] == "consent_required"
