"""Refresh tokens of clients: the rotation of every device, bound to the client."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.utils import timezone

from accounts.devices import registry
from accounts.devices.models import Device
from accounts.oidc import clients
from accounts.oidc.models import Client, Consent
from accounts.users.models import User
from tests.oidc.flow import Flow, claims, signed_in
from tests.oidc.parties import Party
from tests.support.app import App
from tests.support.at_once import at_once
from tests.support.browser import Browser

OFFLINE: dict[str, str | None] = {"scope": "openid email offline_access"}


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


@pytest.fixture
def flow(web: Party) -> Flow:
    return Flow(web, OFFLINE)


def error(answer: Any) -> str:
    body: dict[str, str] = answer.json()
    assert answer.status_code in {400, 401}
    return body["error"]


def test_refresh_token_module_new_tokens_say_the_same(flow: Flow, browser: Browser) -> None:
    first = flow.tokens(browser)
    second = flow.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    before, after = claims(first["id_token"]), claims(second["id_token"])
    assert {name for name in before if before[name] != after.get(name)} <= {"iat", "exp", "at_hash", "nonce"}
    assert App(access=second["access_token"]).get("/oauth/userinfo").status_code == 200


def test_R09_refresh_token_opens_for_its_own_client_alone(flow: Flow, native: Party, other_web: Party, browser: Browser) -> None:
    token = flow.tokens(browser)["refresh_token"]
    for other in (native, other_web):
        assert error(Flow(other).refresh(token)) == "invalid_grant"
    assert error(flow.token({"grant_type": "refresh_token", "refresh_token": token}, Authorization="")) == "invalid_client"
    assert App().post("/auth/token/refresh/", {"refresh": token}).json()["code"] == "token_invalid"
    assert App().post("/auth/token/revoke/", {"refresh": token}).status_code == 204
    assert flow.refresh(token).status_code == 200, "nobody has used it up or ended it"


def test_R09_refresh_token_of_our_own_app_opens_for_no_client(flow: Flow, alice: User) -> None:
    app = App()
    app.sign_in(alice.email or "")
    assert error(flow.refresh(app.refresh)) == "invalid_grant"
    assert app.rotate().status_code == 200


def test_R10_scope_may_shrink_and_never_grows(flow: Flow, browser: Browser) -> None:
    first = flow.tokens(browser)
    assert error(flow.refresh(first["refresh_token"], scope="openid profile")) == "invalid_scope"
    narrow = flow.refresh(first["refresh_token"], scope="openid").json()
    assert claims(narrow["access_token"])["scope"] == "openid"
    assert flow.refresh(narrow["refresh_token"]).json()["scope"] == OFFLINE["scope"]


def test_O35_resource_that_is_refused_uses_up_no_refresh_token(flow: Flow, browser: Browser) -> None:
    token = flow.tokens(browser)["refresh_token"]
    assert error(flow.refresh(token, resource="https://files.example")) == "invalid_target"
    assert Device.objects.get(client_id=flow.party.id).counter == 0
    assert flow.refresh(token).status_code == 200
    assert Device.objects.get(client_id=flow.party.id).counter == 1


def test_O08_scope_that_the_client_has_lost_since_is_left_out(flow: Flow, browser: Browser) -> None:
    token = flow.tokens(browser)["refresh_token"]
    Client.objects.filter(id=flow.party.id).update(scopes=["openid", "offline_access"])
    answer = flow.refresh(token).json()
    assert (answer["scope"], claims(answer["access_token"])["scope"]) == ("openid offline_access", "openid")


def test_R11_every_state_that_forbids_it_has_one_answer(
    flow: Flow, browser: Browser, alice: User, make_party: Callable[..., Party]
) -> None:
    answers = []
    for spoil in (
        lambda: User.objects.filter(id=alice.id).update(is_active=False),
        lambda: User.objects.filter(id=alice.id).update(email_verified_at=None),
        lambda: User.objects.filter(id=alice.id).update(deletion_due_at=timezone.now()),
        lambda: Consent.objects.all().delete(),
        lambda: registry.end(Device.objects.filter(client_id=flow.party.id), "signed_out", actor=None, source=registry.Source()),
    ):
        token = flow.tokens(browser)["refresh_token"]
        spoil()
        answers.append(flow.refresh(token))
        User.objects.filter(id=alice.id).update(is_active=True, email_verified_at=timezone.now(), deletion_due_at=None)
    answers.append(flow.refresh("rt1.nonsense"))
    assert {(answer.status_code, answer.content) for answer in answers} == {(400, answers[0].content)}
    assert answers[0].json()["error"] == "invalid_grant"
    token = flow.tokens(browser)["refresh_token"]
    clients.switch(flow.party.id, on=False)
    assert error(flow.refresh(token)) == "invalid_client"


def test_reused_refresh_token_ends_the_sign_in(flow: Flow, browser: Browser) -> None:
    first = flow.tokens(browser)
    second = flow.refresh(first["refresh_token"]).json()
    third = flow.refresh(second["refresh_token"]).json()
    assert error(flow.refresh(first["refresh_token"])) == "invalid_grant"
    assert error(flow.refresh(third["refresh_token"])) == "invalid_grant"
    assert Device.objects.get(client_id=flow.party.id).ended_because == "refresh_token_reused"


def test_lost_answer_is_given_again_to_whoever_shows_the_key_of_the_try(flow: Flow, browser: Browser) -> None:
    first = flow.tokens(browser)
    form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    once = flow.token(form, Idempotency_Key="k" * 22).json()
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        again = flow.token(form, Idempotency_Key="k" * 22).json()
    assert once["refresh_token"] == again["refresh_token"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_RL01_parallel_refreshes_have_one_successor(web: Party, alice: User) -> None:
    flow = Flow(web, OFFLINE)
    token = flow.tokens(signed_in(alice))["refresh_token"]
    answers = at_once(16, lambda: Flow(web, OFFLINE).refresh(token))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["refresh_token"] for answer in answers}) == 1


def test_offline_access_is_a_device_of_its_own_that_outlives_the_browser(flow: Flow, browser: Browser, alice: User) -> None:
    tokens = flow.tokens(browser)
    assert registry.live(alice.id).count() == 2
    browser.post("/account/sign-out/")
    assert flow.refresh(tokens["refresh_token"]).status_code == 200
    registry.revoke_all(alice.id, "signed_out", actor=None, source=registry.Source())
    assert error(flow.refresh(tokens["refresh_token"])) == "invalid_grant"


def test_without_offline_access_there_is_none(web: Party, browser: Browser) -> None:
    assert "refresh_token" not in Flow(web).tokens(browser)


def test_R12_it_ends_for_good(flow: Flow, browser: Browser) -> None:
    token = flow.tokens(browser)["refresh_token"]
    with time_machine.travel(timezone.now() + settings.REFRESH_IDLE_LIFETIME + timedelta(seconds=1), tick=False):
        assert error(flow.refresh(token)) == "invalid_grant"


def test_client_that_lost_offline_access_before_the_exchange_gets_no_refresh_token(web: Party, browser: Browser) -> None:
    flow = Flow(web, {"scope": "openid email offline_access"})
    code = flow.code(browser)
    clients.amend(web.id, {"scopes": ("openid", "email"), "grants": ("authorization_code",)})
    told = flow.exchange(code).json()
    assert (told["scope"], "refresh_token" in told) == ("openid email", False)


def test_answer_says_what_happened_as_that_of_our_own_app_does(flow: Flow, browser: Browser) -> None:
    tokens = flow.exchange(flow.code(browser))
    assert "X-Refresh" not in tokens
    form: dict[str, str | None] = {"grant_type": "refresh_token", "refresh_token": tokens.json()["refresh_token"]}
    key = {"Idempotency_Key": "k" * 22, "Origin": "https://shop.example"}
    answers = [flow.token(form, **key) for _ in range(2)]
    assert [answer["X-Refresh"] for answer in answers] == ["rotated", "rescued"]
    assert "X-Refresh" in answers[0]["Access-Control-Expose-Headers"].split(", ")
