"""A token bound to a key opens nothing without a proof made for this very request (RFC 9449; SECURITY D)."""

from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.devices.models import Device
from accounts.revocations import feed
from accounts.tokens import dpop
from accounts.users.models import User
from tests.support import forge
from tests.support.app import App
from tests.support.key_holder import LEFT_OUT, BoundApp, ath, refused

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/access/"


def takes(app: BoundApp, proof: str, method: str = "GET") -> bool:
    answer = app.show(method, PATH, proof)
    if answer.status_code != 200:
        refused(answer)
    return answer.status_code == 200


def test_sign_in_with_a_proof_binds_the_device(bound: BoundApp, alice: User) -> None:
    assert Device.objects.get(id=bound.device).jkt == bound.key.jkt
    header, claims, _ = forge.opened(bound.access)
    assert claims["cnf"] == {"jkt": bound.key.jkt}
    assert header["typ"] == "at+jwt"


def test_pair_of_a_bound_device_says_so(alice: User) -> None:
    assert BoundApp().sign_in(alice.email).json()["token_type"] == "DPoP"
    assert App().sign_in(alice.email).json()["token_type"] == "Bearer"


def test_sign_in_without_a_proof_binds_nothing(app: App) -> None:
    assert Device.objects.get(id=app.device).jkt == ""
    assert "cnf" not in forge.opened(app.access)[1]


def test_D01_bound_token_opens_with_its_scheme_and_a_proof_alone(bound: BoundApp) -> None:
    assert bound.get(PATH).status_code == 200
    refused(Client().get(PATH, headers={"Authorization": f"Bearer {bound.access}"}), "token_invalid")
    as_bearer = {"Authorization": f"Bearer {bound.access}", "DPoP": bound.proof("GET", PATH)}
    refused(Client().get(PATH, headers=as_bearer), "token_invalid")
    refused(Client().get(PATH, headers={"Authorization": f"DPoP {bound.access}"}))
    refused(bound.show("GET", PATH, ""))
    assert bound.get(PATH).status_code == 200


def test_D01_token_without_a_key_is_no_dpop_token(app: App, bound: BoundApp) -> None:
    assert app.get(PATH).status_code == 200
    proof = bound.proof("GET", PATH, ath=ath(app.access))
    refused(Client().get(PATH, headers={"Authorization": f"DPoP {app.access}", "DPoP": proof}), "token_invalid")


def test_D01_bearer_token_needs_no_proof_and_minds_none(app: App) -> None:
    assert app.get(PATH, DPoP="junk").status_code == 200


@pytest.mark.parametrize("scheme", ["DPoP", "dpop", "DPOP"])
def test_scheme_is_read_in_any_case(bound: BoundApp, scheme: str) -> None:
    answer = bound.show("GET", PATH, Authorization=f"{scheme} {bound.access}")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "header", ["DPoP", "DPoP ", "DPoP\t{0}", "DPoP  {0}", "DPoP {0} {0}", "DPoP {0},", "DPoP{0}", "DPoP junk"]
)
def test_J22_anything_but_scheme_space_and_token_is_refused(bound: BoundApp, header: str) -> None:
    assert bound.get(PATH).status_code == 200
    answer = bound.show("GET", PATH, Authorization=header.format(bound.access))
    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_stranger_is_told_of_both_schemes(db: None) -> None:
    answer = Client().get(PATH)
    assert answer["WWW-Authenticate"] == f'Bearer realm="api", DPoP algs="{" ".join(dpop.ALGORITHMS)}"'


def test_D01_what_else_is_refused_is_refused_in_the_scheme_of_the_request(bound: BoundApp, alice: User) -> None:
    Device.objects.filter(id=bound.device).update(auth_time=1)
    bound.rotate()
    answer = bound.post("/api/v1/me/devices/revoke-others/")
    assert answer.json()["code"] == "insufficient_user_authentication"
    assert answer["WWW-Authenticate"].startswith('DPoP realm="api", error="insufficient_user_authentication", max_age="')
    assert "algs=" in answer["WWW-Authenticate"]


def test_D06_proof_is_for_one_access_token(bound: BoundApp, alice: User) -> None:
    other = BoundApp(key=bound.key)
    other.sign_in(alice.email)
    assert takes(bound, bound.proof("GET", PATH))
    for wrong in (LEFT_OUT, "", 1, ath(other.access), ath(bound.access + " "), bound.access):
        assert not takes(bound, bound.proof("GET", PATH, ath=wrong)), wrong
    assert takes(bound, bound.proof("GET", PATH))


def test_D02_another_key_opens_nothing(bound: BoundApp) -> None:
    thief = BoundApp(access=bound.access, nonce=bound.nonce)
    assert not takes(thief, thief.proof("GET", PATH))
    swapped = bound.key.proof("GET", settings.PUBLIC_URL + PATH, header={"jwk": thief.key.jwk}, ath=ath(bound.access))
    assert not takes(bound, swapped)
    assert takes(bound, bound.proof("GET", PATH))


METHODS = ["POST", "get", "Get", "", "GET ", "HEAD", 1, None, ["GET"], LEFT_OUT]


@pytest.mark.parametrize("htm", METHODS, ids=ascii)
def test_D03_proof_is_for_one_method(bound: BoundApp, htm: Any) -> None:
    assert takes(bound, bound.proof("GET", PATH))
    assert not takes(bound, bound.proof("GET", PATH, htm=htm))


SAME = {
    "itself": "http://testserver{0}",
    "default port": "http://testserver:80{0}",
    "empty port": "http://testserver:{0}",
    "case of scheme and host": "HTTP://TestServer{0}",
    "query": "http://testserver{0}?a=1",
    "fragment": "http://testserver{0}#top",
    "letters in percents": "http://testserver/%61pi/v1/m%65/access/",
}
OTHER = {
    "path": "http://testserver/api/v1/me/",
    "no slash": "http://testserver/api/v1/me/access",
    "two slashes": "http://testserver//api/v1/me/access/",
    "case of the path": "http://testserver/api/v1/ME/access/",
    "dot segments": "http://testserver/api/v1/x/../me/access/",
    "scheme": "https://testserver{0}",
    "port": "http://testserver:8000{0}",
    "port that is none": "http://testserver:99999999{0}",
    "host": "http://evil.example{0}",
    "host behind an at": "http://testserver@evil.example{0}",
    "somebody at the host": "http://me@testserver{0}",
    "host in a longer one": "http://testserver.evil.example{0}",
    "path alone": "{0}",
    "no scheme": "//testserver{0}",
    "space in front": " http://testserver{0}",
    "line break": "http://testserver{0}\n",
    "tab inside": "http://test\tserver{0}",
    "letter that looks alike": "http://testserv\u0435r{0}",
    "broken brackets": "http://[testserver{0}",
    "nothing": "",
    "number": 1,
    "list": ["http://testserver/api/v1/me/access/"],
    "missing": LEFT_OUT,
}


@pytest.mark.parametrize("htu", SAME.values(), ids=SAME)
def test_D03_address_may_be_spelt_as_uris_may(bound: BoundApp, htu: str) -> None:
    assert takes(bound, bound.proof("GET", PATH, htu=htu.format(PATH)))


@pytest.mark.parametrize("htu", OTHER.values(), ids=OTHER)
def test_D03_proof_is_for_one_address(bound: BoundApp, htu: Any) -> None:
    assert not takes(bound, bound.proof("GET", PATH, htu=htu.format(PATH) if isinstance(htu, str) else htu))
    assert takes(bound, bound.proof("GET", PATH))


SPOOFED = [{"Host": "localhost"}, {"X-Forwarded-Host": "evil.example"}, {"Forwarded": "host=evil.example;proto=https"}]


@pytest.mark.parametrize("headers", SPOOFED, ids=lambda headers: next(iter(headers)))
def test_D03_origin_is_the_configured_one_whatever_the_headers_say(bound: BoundApp, headers: dict[str, str]) -> None:
    assert bound.show("GET", PATH, **headers).status_code == 200
    named = headers.get("Host", "evil.example")
    for origin in (f"http://{named}", f"https://{named}"):
        refused(bound.show("GET", PATH, bound.proof("GET", PATH, htu=origin + PATH), **headers))


def test_D03_path_with_percents_is_the_path_that_is_meant(superuser: User) -> None:
    app = BoundApp()
    app.sign_in(superuser.email)
    assert app.post("/api/v1/groups/", {"name": "Ärzte und Pflege"}).status_code == 201
    path = "/api/v1/groups/%C3%84rzte%20und%20Pflege/"
    for spelt in (path, path.replace("%C3%84", "%c3%84")):
        assert app.show("GET", path, app.proof("GET", spelt)).status_code == 200
    refused(app.show("GET", path, app.proof("GET", path.replace("%20", "+"))))


def test_D04_proof_opens_once(bound: BoundApp) -> None:
    proof = bound.proof("GET", PATH)
    assert takes(bound, proof)
    assert not takes(bound, proof)
    assert takes(bound, bound.proof("GET", PATH))


def test_D04_name_of_a_proof_is_used_up_for_its_key_alone(bound: BoundApp, alice: User) -> None:
    other = BoundApp()
    other.sign_in(alice.email)
    assert takes(bound, bound.proof("GET", PATH, jti="1"))
    assert takes(other, other.proof("GET", PATH, jti="1"))
    assert not takes(bound, bound.proof("GET", PATH, jti="1"))


def test_D04_proof_that_was_refused_is_not_used_up(bound: BoundApp) -> None:
    assert not takes(bound, bound.proof("GET", PATH, jti="1", htm="POST"))
    assert takes(bound, bound.proof("GET", PATH, jti="1"))


NAMES = [LEFT_OUT, "", None, 1, ["a"], {"a": 1}, True, "a" * 129]


@pytest.mark.parametrize("jti", NAMES, ids=lambda jti: ascii(jti)[:20])
def test_D08_name_of_a_proof_is_a_short_string(bound: BoundApp, jti: Any) -> None:
    assert takes(bound, bound.proof("GET", PATH, jti="a" * 128))
    assert not takes(bound, bound.proof("GET", PATH, jti=jti))


def test_bound_request_costs_one_row_and_a_bearer_request_none(bound: BoundApp, app: App) -> None:
    for caller in (bound, app):
        caller.get(PATH)
    feed.bring_up_to_date()
    costs = []
    for caller in (bound, app):
        with CaptureQueriesContext(connection) as queries:
            assert caller.get(PATH).status_code == 200
        costs.append([query["sql"].partition(" (")[0] for query in queries])
    assert costs == [["INSERT INTO accounts_gate"], []]


def test_D08_what_is_refused_writes_nothing(bound: BoundApp) -> None:
    bound.get(PATH)
    feed.bring_up_to_date()
    thief = BoundApp(access=bound.access, nonce=bound.nonce)
    tries = [bound.proof("GET", PATH, htm="PUT"), bound.proof("GET", PATH, nonce="old"), thief.proof("GET", PATH), "junk", ""]
    with CaptureQueriesContext(connection) as queries:
        assert {bound.show("GET", PATH, proof).status_code for proof in tries} == {401}
    assert [query["sql"] for query in queries] == []


def test_one_use_link_of_a_bound_device_needs_no_proof(bound: BoundApp) -> None:
    url = bound.post("/api/v1/links/", {"path": "/api/v1/me/"}).json()["url"]
    opened = url.removeprefix(settings.PUBLIC_URL)
    assert Client().get(opened).status_code == 200
    assert Client().get(opened).status_code == 401


def test_verify_says_that_a_bound_token_lives(bound: BoundApp) -> None:
    assert App().post("/auth/token/verify/", {"token": bound.access}).status_code == 200
