"""What strangers can make the provider write, and what they can make it choke on (SECURITY S-03, S-14)."""

import base64
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client as Http

from accounts.audit.models import AuditEvent
from accounts.oidc import clients
from accounts.oidc.models import AuthorizationRequest
from accounts.users.models import User
from tests.oidc.flow import AUTHORIZE, TOKEN, Flow, authenticated, basic, post
from tests.oidc.parties import Party

FORM = "application/x-www-form-urlencoded"
PAR, LOGOUT = "/oauth/par", "/oauth/logout"


def b64(members: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


def test_S03_grant_types_that_nobody_knows_are_one_trouble(native: Party) -> None:
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


def test_S03_too_much_of_what_is_known_is_refused(web: Party) -> None:
    much = dict.fromkeys(("state", "login_hint", "ui_locales", "nonce", "claims"), "x" * 8000)
    asked = authenticated(web, {**Flow(web).parameters, **much})
    assert post(Http(), PAR, asked, **basic(web)).json()["error"] == "invalid_request"


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
