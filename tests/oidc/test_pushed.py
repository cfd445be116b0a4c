"""Pushed authorization requests (RFC 9126)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client as Http
from django.utils import timezone

from accounts.oidc.models import AuthorizationRequest
from accounts.users.models import User
from tests.oidc.flow import AUTHORIZE, CONSENT, Flow, allowed, authenticated, basic, post, sent, signed_in
from tests.oidc.parties import Party
from tests.support.at_once import at_once
from tests.support.browser import Answer, Browser


@pytest.fixture
def browser(alice: User) -> Browser:
    return signed_in(alice)


def push(flow: Flow, **form: str | None) -> Any:
    return post(Http(), "/oauth/par", authenticated(flow.party, {**flow.parameters, **form}), **basic(flow.party))


def begin(browser: Browser, party: Party, request_uri: str, **more: str) -> Answer:
    return browser.get(f"{AUTHORIZE}?{urlencode({'client_id': party.id, 'request_uri': request_uri, **more})}")


def reference(flow: Flow) -> str:
    answer = push(flow)
    assert (answer.status_code, answer.json()["expires_in"]) == (201, 60), answer.content
    return str(answer.json()["request_uri"])


def test_what_was_pushed_is_what_is_asked(web: Party, browser: Browser) -> None:
    flow = Flow(web)
    request_uri = reference(flow)
    answer = allowed(browser, begin(browser, web, request_uri, scope="openid profile", state="another"))
    assert answer["state"] == "the state"
    assert flow.exchange(answer["code"]).json()["scope"] == "openid email"


@pytest.mark.parametrize("authentication", ["client_secret_post", "none"])
def test_it_works_for_every_way_to_authenticate(make_party: Callable[..., Party], browser: Browser, authentication: str) -> None:
    flow = Flow(make_party("Else", authentication=authentication))
    request_uri = reference(flow)
    assert flow.exchange(allowed(browser, begin(browser, flow.party, request_uri))["code"]).status_code == 200


def test_G01_how_the_client_authenticated_is_not_kept(make_party: Callable[..., Party]) -> None:
    party = make_party("Form", authentication="client_secret_post")
    reference(Flow(party))
    assert "client_secret" not in AuthorizationRequest.objects.get().parameters


def test_O38_reference_counts_once_for_a_minute_and_for_its_client(web: Party, other_web: Party, browser: Browser) -> None:
    once, late, foreign = (reference(Flow(web)) for _ in range(3))
    assert begin(browser, other_web, foreign).status_code == 400
    assert browser.get(f"{AUTHORIZE}?{urlencode({'request_uri': foreign})}").status_code == 400
    assert begin(browser, web, foreign).status_code == 303, "nobody else has used it up"
    assert begin(browser, web, once).status_code == 303
    assert begin(browser, web, once).status_code == 400
    assert begin(browser, web, once + "x").status_code == 400
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=False):
        assert begin(browser, web, late).status_code == 400


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"request_uri": "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"),
        ({"request_uri": "https://shop.example/r"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"scope": "openid admin"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
    ],
    ids=str,
)
def test_O38_what_would_be_refused_later_is_refused_at_once(web: Party, form: dict[str, str | None], error: str) -> None:
    assert push(Flow(web), **form).json()["error"] == error
    assert push(Flow(web)).status_code == 201


def test_O38_what_was_pushed_begins_at_its_endpoint_alone(web: Party, browser: Browser) -> None:
    """Where requests wait for somebody's yes it is none: there it would count as often as it is opened."""
    request_uri = reference(Flow(web))
    handle = request_uri.rpartition(":")[2]
    assert browser.get(f"{CONSENT}?{urlencode({'request': handle})}").status_code == 404
    assert browser.get(begin(browser, web, request_uri)["Location"]).status_code == 200


def test_O38_nobody_pushes_without_authenticating(web: Party) -> None:
    assert post(Http(), "/oauth/par", Flow(web).parameters).json()["error"] == "invalid_client"


def test_O38_client_that_must_push_is_refused_otherwise(make_party: Callable[..., Party], browser: Browser) -> None:
    flow = Flow(make_party("Strict", requires_par=True))
    assert sent(flow.begin(browser))["error"] == "invalid_request"
    assert allowed(browser, begin(browser, flow.party, reference(flow)))["code"]


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_O38_of_32_uses_at_once_one_counts(web: Party) -> None:
    request_uri = reference(Flow(web))
    answers = at_once(32, lambda: begin(Browser(), web, request_uri).status_code)
    assert sorted(answers) == [303, *[400] * 31]
