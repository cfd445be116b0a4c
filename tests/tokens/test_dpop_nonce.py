"""A proof is as old as the nonce in it (RFC 9449 §8; SECURITY D-05, D-07, D-12, D-13)."""

import base64
import time
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from accounts.tokens import dpop_nonce
from accounts.users.models import User
from tests.support.app import PASSWORD
from tests.support.key_holder import LEFT_OUT, BoundApp, SoftKey, ath, refused

pytestmark = pytest.mark.django_db
PATH = "/api/v1/me/access/"
TOKEN = "/auth/token/"
NONCES = [LEFT_OUT, None, "", 1, [], "x", "a" * 22, "\u00e9", " "]


def first_second_of_a_step() -> int:
    return int(time.time()) // dpop_nonce.STEP * dpop_nonce.STEP


def body(user: User) -> dict[str, str]:
    return {"email": user.email or "", "password": PASSWORD}


@pytest.mark.parametrize("nonce", NONCES, ids=ascii)
def test_D07_proof_without_a_nonce_of_ours_is_told_one(bound: BoundApp, nonce: Any) -> None:
    answer = bound.show("GET", PATH, bound.proof("GET", PATH, nonce=nonce))
    refused(answer, "use_dpop_nonce")
    assert bound.show("GET", PATH, bound.proof("GET", PATH, nonce=answer["DPoP-Nonce"])).status_code == 200


def test_D07_sign_in_is_told_one_too_and_nothing_was_tried(alice: User) -> None:
    app = BoundApp()
    answer = app.show("POST", TOKEN, app.proof("POST", TOKEN), {"email": alice.email, "password": "wrong"})
    refused(answer, "use_dpop_nonce")
    assert app.show("POST", TOKEN, app.proof("POST", TOKEN), body(alice)).status_code == 200


def test_D07_nonce_is_asked_for_when_everything_else_is_right(bound: BoundApp) -> None:
    refused(bound.show("GET", PATH, bound.proof("GET", PATH, nonce="old", htm="POST")))
    refused(bound.show("GET", PATH, SoftKey().proof("POST", settings.PUBLIC_URL + PATH, ath=ath(bound.access))))


def test_whoever_shows_a_proof_gets_the_nonce_for_the_next(bound: BoundApp) -> None:
    assert bound.show("GET", PATH)["DPoP-Nonce"] == dpop_nonce.current()
    assert bound.show("GET", "/api/v1/nothing/")["DPoP-Nonce"] == dpop_nonce.current()
    assert "DPoP-Nonce" not in Client().get(PATH)


@pytest.mark.parametrize(("age", "good"), [(0, True), (149, True), (150, True), (299, True), (300, False), (301, False)])
def test_D13_nonce_is_good_for_its_step_and_the_next(alice: User, age: int, good: bool) -> None:
    with time_machine.travel(first_second_of_a_step(), tick=False) as clock:
        bound = BoundApp()
        bound.sign_in(alice.email)
        nonce = bound.nonce
        clock.shift(age)
        answer = bound.show("GET", PATH, bound.proof("GET", PATH, nonce=nonce))
        assert (answer.status_code == 200) is good
        assert (bound.nonce == nonce) is (age < dpop_nonce.STEP)
        assert dpop_nonce.STEP <= 300


@pytest.mark.parametrize(("ahead", "good"), [(0, True), (30, True), (31, False)])
def test_D13_host_whose_clock_is_a_little_behind_takes_it(alice: User, ahead: int, good: bool) -> None:
    with time_machine.travel(first_second_of_a_step(), tick=False) as clock:
        app = BoundApp(nonce=dpop_nonce.current())
        clock.shift(-ahead)
        answer = app.show("POST", TOKEN, body=body(alice))
        if not good:
            refused(answer, "use_dpop_nonce")
        assert (answer.status_code == 200) is good


def test_D13_nonce_belongs_to_no_key_and_no_endpoint(bound: BoundApp, alice: User) -> None:
    other = BoundApp(nonce=bound.nonce)
    assert other.show("POST", TOKEN, body=body(alice)).status_code == 200
    assert bound.show("GET", PATH).status_code == 200


def test_D13_nonce_outlives_a_change_of_the_encryption_keys(bound: BoundApp, settings: Settings) -> None:
    old = bound.nonce
    settings.ENCRYPTION_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode(), *settings.ENCRYPTION_KEYS]
    assert bound.show("GET", PATH, bound.proof("GET", PATH, nonce=old)).status_code == 200
    assert bound.nonce != old
    settings.ENCRYPTION_KEYS = settings.ENCRYPTION_KEYS[:1]
    refused(bound.show("GET", PATH, bound.proof("GET", PATH, nonce=old)), "use_dpop_nonce")


@pytest.mark.parametrize("wrong", [-10 * 365 * 86_400, -3600, -61, -60, 0, 5, 6, 3600, 10 * 365 * 86_400])
def test_D05_wrong_clock_of_a_phone_does_not_matter(bound: BoundApp, wrong: int) -> None:
    """The nonce says when: a proof cannot be made for later, and no phone is refused for its clock."""
    iat = max(0, int(time.time()) + wrong)
    assert bound.show("GET", PATH, bound.proof("GET", PATH, iat=iat)).status_code == 200
    refused(bound.show("GET", PATH, bound.proof("GET", PATH, iat=iat, nonce=LEFT_OUT)), "use_dpop_nonce")


def preflight(path: str) -> HttpResponse:
    asked = {"Origin": "https://app.example.org", "Access-Control-Request-Method": "POST"}
    return Client().options(path, headers={**asked, "Access-Control-Request-Headers": "dpop"})


@pytest.mark.parametrize("path", [TOKEN, PATH])
def test_D12_script_of_an_allowed_origin_sends_proofs_and_reads_the_nonce(bound: BoundApp, path: str) -> None:
    assert "dpop" in preflight(path)["Access-Control-Allow-Headers"]
    answer = bound.show("GET", PATH, Origin="https://app.example.org")
    readable = {name.strip() for name in answer["Access-Control-Expose-Headers"].split(",")}
    assert {"DPoP-Nonce", "WWW-Authenticate"} <= readable
    assert "Access-Control-Expose-Headers" not in bound.show("GET", PATH, Origin="https://evil.example")
