"""Whatever goes wrong under /oauth/ is said in the words of OAuth (RFC 6749 §5.2, RFC 6750 §3.1), and to people on a page."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client as Http

from accounts.oidc import clients, errors, reasons
from accounts.tokens import dpop
from accounts.users.models import User
from tests.oidc.flow import AUTHORIZE, TOKEN, USERINFO, Flow, basic, post, sent, signed_in
from tests.oidc.parties import Party
from tests.oidc.test_bound_tokens import bound
from tests.support.browser import Browser
from tests.support.key_holder import BoundApp, SoftKey

LOGOUT = "/oauth/logout"


def told(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert body["error_description"]
    return answer.status_code, body["error"]


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(client_id: str) -> None:
        raise OperationalError("away")

    monkeypatch.setattr(clients, "find", find)


def test_other_methods_and_bodies_are_refused_in_the_words_of_oauth(db: None) -> None:
    assert told(Http().get(TOKEN)) == (405, "method_not_allowed")
    assert told(Http().post(TOKEN, "{}", content_type="application/json")) == (415, "unsupported_media_type")
    assert told(Http().get("/oauth/nothing")) == (404, "not_found")


@pytest.mark.parametrize("path", [TOKEN, "/oauth/par", "/oauth/revoke", "/oauth/introspect", "/oauth/device"])
def test_trouble_of_ours_is_temporarily_unavailable(db: None, database_away: None, path: str) -> None:
    answer = Http().post(path, "client_id=c_x&grant_type=x", content_type="application/x-www-form-urlencoded")
    assert told(answer) == (503, "temporarily_unavailable")
    assert answer["Retry-After"]


@pytest.mark.parametrize("path", [AUTHORIZE, LOGOUT])
def test_people_are_told_on_a_page(web: Party, database_away: None, path: str) -> None:
    asked = Flow(web).path if path == AUTHORIZE else f"{LOGOUT}?client_id={web.id}"
    answer = Http().get(asked, headers={"Accept": "text/html"})
    assert (answer.status_code, answer["Content-Type"].partition(";")[0]) == (503, "text/html")


def test_token_that_is_not_good_is_invalid_token(db: None) -> None:
    answer = Http().get(USERINFO, headers={"Authorization": "Bearer x.y.z"})
    assert told(answer) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_who_shows_nothing_is_told_of_both_schemes_and_of_no_error(db: None) -> None:
    answer = Http().get(USERINFO)
    assert told(answer) == (401, "invalid_token")
    assert answer["WWW-Authenticate"] == f'Bearer realm="api", DPoP algs="{" ".join(dpop.ALGORITHMS)}"'


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (TOKEN, "grant_type=refresh_token&client_id=c_nobody"),
        (TOKEN, "grant_type=refresh_token&grant_type=x&client_id={native}"),
        ("/oauth/revoke", "token=x&client_id=c_nobody"),
        ("/oauth/device", "scope=openid"),
        ("/oauth/par", "client_id=c_nobody"),
    ],
)
def test_script_reads_why_no_client_was_found(native: Party, path: str, body: str) -> None:
    answer = post(Http(), path, body.format(native=native.id), Origin="https://shop.example")
    assert told(answer)[1] in {"invalid_client", "invalid_request"}
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "WWW-Authenticate" in answer["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer


def test_C10_what_is_said_to_a_client_is_for_its_own_pages(web: Party) -> None:
    form: dict[str, str | None] = {"token": "x"}
    for origin, allowed in (("https://shop.example", "https://shop.example"), ("https://evil.example", None), ("null", None)):
        answer = post(Http(), "/oauth/revoke", form, **basic(web), Origin=origin)
        assert (answer.status_code, answer.headers.get("Access-Control-Allow-Origin")) == (200, allowed)
        refused = post(Http(), TOKEN, form, **basic(web), Origin=origin)
        assert (refused.status_code, refused.headers.get("Access-Control-Allow-Origin")) == (400, allowed)


def test_token_in_the_form_is_none_unless_the_setting_says_so(web: Party, alice: User, settings: Any) -> None:
    token = Flow(web).tokens(signed_in(alice))["access_token"]
    assert told(post(Http(), USERINFO, {"access_token": token})) == (401, "invalid_token")
    settings.BEARER_IN_BODY = True
    assert post(Http(), USERINFO, {"access_token": token}).json()["sub"] == str(alice.id)


def test_token_travels_in_the_body_of_a_form_alone(web: Party, alice: User, settings: Any) -> None:
    settings.BEARER_IN_BODY = True
    token = Flow(web).tokens(signed_in(alice))["access_token"]
    others = [
        Http().get(f"{USERINFO}?access_token={token}"),
        post(Http(), f"{USERINFO}?access_token={token}", ""),
        Http().post(USERINFO, {"access_token": token}),
        Http().post(USERINFO, json.dumps({"access_token": token}), content_type="application/json"),
        post(Http(), USERINFO, {"access_token": f"{token}x"}),
    ]
    assert [told(answer) for answer in others] == [(401, "invalid_token")] * 5
    bearer = {"Authorization": f"Bearer {token}"}
    assert told(post(Http(), USERINFO, {"access_token": token}, **bearer)) == (400, "invalid_request")
    assert told(post(Http(), USERINFO, f"access_token={token}&access_token={token}")) == (400, "invalid_request")
    assert post(Http(), USERINFO, "", **bearer).status_code == 200


def test_D01_bound_token_in_a_form_opens_nothing(web: Party, alice: User, settings: Any) -> None:
    settings.BEARER_IN_BODY = True
    key = SoftKey()
    token = bound(Flow(web), signed_in(alice), key)["access_token"]
    assert told(post(Http(), USERINFO, {"access_token": token})) == (401, "invalid_token")
    assert BoundApp(access=token, key=key).get(USERINFO).status_code == 200


TWO = "resource=https%3A%2F%2Fnotes.example&resource=https%3A%2F%2Ffiles.example"
ONE_ALONE = "resource is given more than once, and a token is for one service."


def test_two_resources_are_refused_to_the_client_and_not_to_the_person(web: Party) -> None:
    """RFC 8707 §2 lets a client name several."""
    answer = Browser().get(f"{Flow(web).path}&{TWO}")
    refused = sent(answer)
    assert (refused["error"], refused["error_description"]) == ("invalid_target", ONE_ALONE)
    assert refused["state"] == "the state"
    assert Browser().get(f"{Flow(web, {'redirect_uri': 'https://evil.example'}).path}&{TWO}").status_code == 400


@pytest.mark.parametrize("path", [TOKEN, "/oauth/par"])
def test_two_resources_are_an_invalid_target(web: Party, path: str) -> None:
    form = urlencode({**Flow(web).parameters, "grant_type": "authorization_code", "code": "x"})
    answer = post(Http(), path, f"{form}&{TWO}", **basic(web)).json()
    assert answer == {"error": "invalid_target", "error_description": ONE_ALONE}
    nobody = post(Http(), path, f"client_id=c_nobody&{TWO}").json()
    assert nobody["error"] == "invalid_client"
    one = urlencode({"resource": f"{settings.PUBLIC_URL}{USERINFO}"})
    assert post(Http(), path, f"{form}&{one}", **basic(web)).json().get("error") not in {"invalid_target", "invalid_request"}


def kind_of(code: str) -> type[errors.OAuthProblem]:
    return next(kind for kind in errors.OAuthProblem.__subclasses__() if kind.code == code)


@pytest.mark.parametrize(
    ("asked", "description"),
    [
        ({"prompt": "create"}, "prompt is not one of those supported, or none together with another."),
        (
            {"code_challenge": None, "code_challenge_method": None},
            "code_challenge is missing: this client has to use PKCE with S256.",
        ),
        ({"claims": "{"}, "claims is not as OpenID Connect Core 5.5 has it: no JSON."),
        ({"scope": "nothing"}, "scope is missing, or names what the client is not registered for."),
        ({"response_type": None}, "response_type is missing."),
    ],
    ids=str,
)
@pytest.mark.django_db
def test_client_is_told_what_was_wrong_with_its_request(web: Party, asked: dict[str, str | None], description: str) -> None:
    assert sent(Flow(web, asked).begin(Browser()))["error_description"] == description
    pushed = post(Http(), "/oauth/par", {**Flow(web).parameters, **dict.fromkeys(asked), **asked}, **basic(web))
    assert pushed.json()["error_description"] == description


@pytest.mark.parametrize(
    ("body", "description"),
    [
        ("grant_type=authorization_code", "code is missing."),
        ("grant_type=x&code=1&code=2", "code is given more than once."),
        ("grant_type=x&sneaky=1&sneaky=2", "A parameter that is not known here is given more than once."),
        ("grant_type=x&client_id=c_other", "client_id is not that of the client that authenticated."),
        ("grant_type=client_credentials", "The client is not registered for client_credentials."),
    ],
)
def test_client_is_told_what_was_wrong_with_its_form(web: Party, body: str, description: str) -> None:
    assert post(Http(), TOKEN, body, **basic(web)).json()["error_description"] == description


def test_client_is_told_what_is_wrong_with_its_proof(web: Party) -> None:
    form: dict[str, str | None] = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "x"}
    answer = Flow(web).token(form, DPoP="x").json()
    assert answer == {"error": "invalid_dpop_proof", "error_description": "The DPoP proof does not hold: not a compact JWS."}


@pytest.mark.parametrize(("code", "reason"), reasons.SENTENCES, ids=str)
def test_O48_what_a_client_is_told_is_plain(code: str, reason: str) -> None:
    said = reasons.in_public(code, reason)
    assert said
    assert all(" " <= sign <= "~" and sign not in '"\\' for sign in said)


@pytest.mark.parametrize("code", ["invalid_client", "invalid_grant", "access_denied", "login_required", "consent_required"])
def test_who_guesses_is_told_one_and_the_same(code: str) -> None:
    kind = kind_of(code)
    known = [reason for known, reason in reasons.SENTENCES if known == code]
    assert {kind(reason).description for reason in [*known, "anything"]} == {kind.detail}
