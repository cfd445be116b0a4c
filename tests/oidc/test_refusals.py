"""Whatever goes wrong under /oauth/ is said in the words of OAuth (RFC 6749 §5.2, RFC 6750 §3.1), and to people on a page."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client as Http

from accounts.oidc import clients
from accounts.tokens import dpop
from tests.oidc.flow import AUTHORIZE, TOKEN, USERINFO, Flow
from tests.oidc.parties import Party

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
