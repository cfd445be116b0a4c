"""What strangers can make the provider write, and what they can make it choke on (SECURITY S-03, S-14)."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client as Http

from accounts.audit.models import AuditEvent
from accounts.core.limits import Limit
from accounts.core.models import Counter
from accounts.oidc import clients, crowds
from accounts.oidc.models import AuthorizationRequest
from accounts.users.models import User
from tests.oidc.flow import AUTHORIZE, CONSENT, TOKEN, Flow, authenticated, basic, post, sent, signed_in
from tests.oidc.parties import Party
from tests.support.browser import Browser

FORM = "application/x-www-form-urlencoded"
PAR, LOGOUT = "/oauth/par", "/oauth/logout"


def b64(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def test_S03_grant_types_that_nobody_knows_are_one_trouble(native: Party, later: time_machine.Traveller) -> None:
    before = AuditEvent.objects.count()
    for number in range(20):
        asked = {"client_id": native.id, "grant_type": f"made-up-{number}"}
        assert post(Http(), TOKEN, asked).json()["error"] == "unsupported_grant_type"
    assert AuditEvent.objects.count() - before == 1


def test_S03_parameters_that_nobody_knows_are_passed_over_and_not_kept(web: Party, alice: User) -> None:
    junk = {f"junk{number}": "x" * 100 for number in range(20)}
    asked = Flow(web).parameters
    assert Http().get(f"{AUTHORIZE}?{urlencode({**asked, **junk})}").status_code == 303
    assert post(Http(), PAR, authenticated(web, {**asked, **junk}), **basic(web)).status_code == 201
    kept = [set(one.parameters) for one in AuthorizationRequest.objects.all()]
    assert kept == [set(asked)] * 2


@pytest.mark.parametrize(
    "much", ["x" * 1900, "x" * 2100, "x" * 8000, "\N{GRINNING FACE}" * 500], ids=["fits", "more", "most", "faces"]
)
def test_S03_too_much_of_what_is_known_is_refused_and_not_kept(web: Party, much: str) -> None:
    """By the bytes that a row takes: a face takes twelve in JSON."""
    fits, much_of_all = much == "x" * 1900, dict.fromkeys(("state", "login_hint", "ui_locales", "nonce"), much)
    asked = {**Flow(web).parameters, **much_of_all}
    pushed = post(Http(), PAR, authenticated(web, asked), **basic(web))
    begun = Http().get(f"{AUTHORIZE}?{urlencode(asked)}")
    if fits:
        assert (pushed.status_code, begun.status_code, AuthorizationRequest.objects.count()) == (201, 303, 2)
        return
    assert pushed.json()["error"] == "invalid_request"
    assert begun.status_code == 400 or sent(begun)["error"] == "invalid_request"
    assert not AuthorizationRequest.objects.exists()


def crowd_of(limit: Limit) -> None:
    """All but one of what this network may cause in this hour has been caused."""
    assert Counter.objects.filter(key__startswith=f"{limit.name}:").update(attempts=limit.free - 1) == 1


def test_S03_network_that_makes_too_many_requests_wait_is_sent_back(web: Party, later: time_machine.Traveller) -> None:
    begun = Flow(web).begin(Browser())
    assert begun["Location"].startswith(CONSENT)
    crowd_of(crowds.REQUESTS)
    assert Flow(web).begin(Browser())["Location"].startswith(CONSENT), "the last one"
    back = sent(Flow(web).begin(Browser()))
    assert (back["error"], back["state"]) == ("temporarily_unavailable", "the state")
    assert AuthorizationRequest.objects.count() == 2
    elsewhere = Browser(Http(REMOTE_ADDR="198.51.100.7"))
    assert Flow(web).begin(elsewhere)["Location"].startswith(CONSENT)
    later.shift(3600)
    assert Flow(web).begin(Browser())["Location"].startswith(CONSENT), "the next hour"


def test_S03_network_that_makes_too_many_requests_wait_still_signs_people_in(
    web: Party, alice: User, later: time_machine.Traveller
) -> None:
    """What is answered at once is not kept, and not counted."""
    browser = signed_in(alice)
    Flow(web).code(browser)
    crowd_of(crowds.REQUESTS)
    Flow(web).begin(Browser())
    assert sent(Flow(web).begin(Browser()))["error"] == "temporarily_unavailable"
    assert sent(Flow(web).begin(browser))["code"]


@pytest.mark.parametrize(
    "headers",
    [
        *({"Sec-Fetch-Dest": dest} for dest in ("image", "script", "iframe", "empty")),
        {"Sec-Fetch-Dest": "document", "Sec-Purpose": "prefetch"},
    ],
    ids=str,
)
def test_S03_page_of_another_site_makes_nothing_wait(web: Party, headers: dict[str, str]) -> None:
    """It can have a visitor's browser load thousands of pictures from here."""
    back = sent(Http().get(Flow(web).path, headers=headers))
    assert (back["error"], back["state"]) == ("login_required", "the state")
    assert "Location" in Http().head(Flow(web).path)
    assert not AuthorizationRequest.objects.exists()
    assert not Counter.objects.filter(key__startswith=f"{crowds.REQUESTS.name}:").exists()
    link = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "cross-site"}
    assert Http().get(Flow(web).path, headers=link)["Location"].startswith(CONSENT)


def test_S03_network_that_pushes_too_much_without_a_secret_is_refused(
    web: Party, native: Party, later: time_machine.Traveller
) -> None:
    callback: dict[str, str | None] = {"redirect_uri": "com.example.app:/cb"}

    def push(party: Party, asked: dict[str, str | None]) -> Any:
        return post(Http(), PAR, authenticated(party, {**Flow(party, asked).parameters}), **basic(party))

    assert push(native, callback).status_code == 201
    crowd_of(crowds.PUSHED)
    assert push(native, callback).status_code == 201
    refused = push(native, callback)
    assert (refused.status_code, refused["Retry-After"]) == (429, "5")
    assert refused.json()["error"] == "temporarily_unavailable"
    assert push(web, {}).status_code == 201, "whoever authenticates answers for it"


@pytest.mark.both_databases
def test_S14_zero_bytes_are_refused_in_the_words_of_oauth(web: Party) -> None:
    http = Http()
    header, nobody = b64({"alg": "ES256", "kid": "a", "typ": "JWT"}), b64({"sub": "\0", "aud": "\0"})
    assertion = {"client_assertion": f"{header}.{nobody}.AAAA", "grant_type": "x"}
    kind = {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}
    assert http.get(f"{Flow(web).path}&a%00b=1").status_code == 400
    assert http.get(f"{LOGOUT}?id_token_hint={header}.{nobody}.AAAA").status_code == 400
    by_header = {"Authorization": "Basic " + base64.b64encode(b"%00:x").decode()}
    assert http.post(TOKEN, "grant_type=x", content_type=FORM, headers=by_header).json()["error"] == "invalid_client"
    assert post(http, TOKEN, {**assertion, **kind}).json()["error"] == "invalid_client"


@pytest.mark.parametrize("client_id", ["", "\0", "\ud800", "c" * 65, "c x", "ć"])
def test_S14_what_can_be_no_client_is_not_looked_for(db: None, client_id: str) -> None:
    assert clients.find(client_id) is None


def test_S14_half_a_character_is_refused(native: Party) -> None:
    sent = Http().post(TOKEN, "grant_type=x&client_id=%5Cud800", content_type=f"{FORM}; charset=unicode_escape")
    assert (sent.status_code, sent.json()["error"]) == (400, "invalid_request")
