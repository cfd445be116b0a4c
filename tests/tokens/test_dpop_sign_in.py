"""Every way that ends in a token pair binds the new device to the key that is shown (RFC 9449 §5; SECURITY D-04, D-11)."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from pytest_django import Settings

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.models import Gate
from accounts.devices.models import Device
from accounts.federation import jwks, providers
from accounts.tokens import access, dpop, dpop_nonce
from accounts.users.models import User
from tests.support import forge, ways
from tests.support.app import PASSWORD, App
from tests.support.issuer import Issuer, serving
from tests.support.key_holder import BoundApp, refused
from tests.support.mailbox import last_letter
from tests.support.phone import Phone, enrolled

pytestmark = pytest.mark.django_db
Last = Callable[[BoundApp], HttpResponse]
CAROL = "carol@example.com"


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with serving(Issuer()) as running:
        yield running


def by_password(user: User, settings: Any, issuer: Issuer) -> Last:
    return lambda app: ways.password(user, app)


def by_code(user: User, settings: Any, issuer: Issuer) -> Last:
    asked = ways.ask_code(str(user.email))
    return lambda app: app.post(ways.VERIFY_CODE, asked)


def by_passkey(user: User, settings: Any, issuer: Issuer) -> Last:
    answer = ways.passkey_answer(ways.passkey_of(user))
    return lambda app: app.post(ways.AUTHENTICATE, answer)


def by_totp(user: User, settings: Any, issuer: Issuer) -> Last:
    phone = enrolled(user)

    def both(app: BoundApp) -> HttpResponse:
        body = {"challenge": ways.password(user, app).json()["challenge"], "method": "totp", "code": phone.code()}
        return app.post(ways.MFA, body)

    return both


def by_enrolment(user: User, settings: Any, issuer: Issuer) -> Last:
    User.objects.filter(id=user.id).update(is_staff=True)
    settings.REQUIRE_MFA_FOR_STAFF = True

    def both(app: BoundApp) -> HttpResponse:
        token = ways.password(user, app).json()["challenge"]
        phone = Phone(app.post(ways.ENROL, {"challenge": token}).json()["secret"])
        return app.post(ways.ENROL + "confirm/", {"challenge": token, "code": phone.code()})

    return both


def by_upstream(user: User, settings: Any, issuer: Issuer) -> Last:
    settings.FETCH_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    settings.FEDERATED_PROVIDERS = providers.parse(json.dumps({"upstream": issuer.setting()}), allow_http=True)
    jwks.forget()

    def sign_in(app: BoundApp) -> HttpResponse:
        nonce = app.post("/auth/federated/upstream/nonce/").json()["nonce"]
        return app.post("/auth/federated/upstream/", {"id_token": issuer.id_token(nonce=nonce, email=None)})

    return sign_in


def by_verification(user: User, settings: Any, issuer: Issuer) -> Last:
    handle = ways.register(CAROL)
    return lambda app: app.post(ways.VERIFY, {"email": CAROL, "code": last_letter(CAROL).code, "registration": handle})


def by_link_of_verification(user: User, settings: Any, issuer: Issuer) -> Last:
    ways.register(CAROL)
    return lambda app: app.post(ways.VERIFY, {"token": last_letter(CAROL).token})


def as_guest(user: User, settings: Any, issuer: Issuer) -> Last:
    return lambda app: app.post("/auth/guest/")


WAYS: dict[str, tuple[Callable[[User, Any, Issuer], Last], str]] = {
    "password": (by_password, ways.TOKEN),
    "code": (by_code, ways.VERIFY_CODE),
    "passkey": (by_passkey, ways.AUTHENTICATE),
    "second factor": (by_totp, ways.MFA),
    "enrolment": (by_enrolment, ways.ENROL + "confirm/"),
    "issuer": (by_upstream, "/auth/federated/upstream/"),
    "verified by code": (by_verification, ways.VERIFY),
    "verified by link": (by_link_of_verification, ways.VERIFY),
    "guest": (as_guest, "/auth/guest/"),
}
"""Each way, and the path of its last request."""


@dataclass
class Careless(BoundApp):
    """Makes its proof for another method at one path."""

    at: str = ""

    def proof(self, method: str, path: str, **claims: Any) -> str:
        return super().proof(method, path, **({**claims, "htm": "PUT"} if path == self.at else claims))


@pytest.mark.parametrize("name", WAYS)
def test_every_way_in_binds_the_device(alice: User, settings: Any, issuer: Issuer, name: str) -> None:
    app = BoundApp()
    answer = WAYS[name][0](alice, settings, issuer)(app)
    assert (answer.status_code, answer.json().get("token_type")) == (200, "DPoP"), answer.content
    assert Device.objects.get(id=answer.json()["device"]).jkt == app.key.jkt
    assert access.verify(answer.json()["access"]).grant.jkt == app.key.jkt


@pytest.mark.parametrize("name", WAYS)
def test_D01_every_way_in_refuses_a_proof_that_does_not_hold(alice: User, settings: Any, issuer: Issuer, name: str) -> None:
    begin, last_path = WAYS[name]
    refused(begin(alice, settings, issuer)(Careless(at=last_path)))
    assert not Device.objects.exists()


def test_D04_proof_signs_in_once(alice: User) -> None:
    app = BoundApp(nonce=dpop_nonce.current())
    proof = app.proof("POST", ways.TOKEN)
    body = {"email": alice.email, "password": PASSWORD}
    assert app.show("POST", ways.TOKEN, proof, body).status_code == 200
    refused(app.show("POST", ways.TOKEN, proof, body))
    assert Device.objects.count() == 1
    failed = AuditEvent.objects.get(event=Event.SIGN_IN_FAILED)
    assert (failed.subject_id, failed.details["reason"]) == (alice.id, "invalid_dpop_proof")


def test_D08_proof_at_a_sign_in_that_fails_writes_no_row(alice: User) -> None:
    app = BoundApp(nonce=dpop_nonce.current())
    proof = app.proof("POST", ways.TOKEN)
    assert app.show("POST", ways.TOKEN, proof, {"email": alice.email, "password": "wrong"}).status_code == 401
    assert not Gate.objects.filter(key__startswith="dpop").exists()
    assert app.show("POST", ways.TOKEN, proof, {"email": alice.email, "password": PASSWORD}).status_code == 200
    assert Gate.objects.filter(key__startswith="dpop").count() == 1


def first_step(user: User, app: App) -> dict[str, str]:
    """What the second step sends, when the app's code is right."""
    return {"challenge": ways.password(user, app).json()["challenge"], "method": "totp"}


def test_D11_second_step_shows_the_key_of_the_first(alice: User) -> None:
    phone, app = enrolled(alice), BoundApp()
    body = {**first_step(alice, app), "code": phone.code()}
    for other in (App(), BoundApp()):
        assert ways.outcome(other.post(ways.MFA, body)) == (401, "challenge_invalid")
    assert app.post(ways.MFA, body).json()["token_type"] == "DPoP"


def test_D11_enrolment_shows_the_key_of_the_first_step(alice: User, settings: Settings) -> None:
    User.objects.filter(id=alice.id).update(is_staff=True)
    settings.REQUIRE_MFA_FOR_STAFF = True
    app = BoundApp()
    token = ways.password(alice, app).json()["challenge"]
    phone = Phone(App().post(ways.ENROL, {"challenge": token}).json()["secret"])
    body = {"challenge": token, "code": phone.code()}
    assert ways.outcome(App().post(ways.ENROL + "confirm/", body)) == (401, "challenge_invalid")
    assert app.post(ways.ENROL + "confirm/", body).json()["token_type"] == "DPoP"


def test_second_step_may_bring_the_first_key(alice: User) -> None:
    phone, app = enrolled(alice), BoundApp()
    body = {**first_step(alice, App()), "code": phone.code()}
    assert app.post(ways.MFA, body).json()["token_type"] == "DPoP"


def test_cookies_are_bound_to_no_key(alice: User) -> None:
    app = BoundApp()
    answer = ways.password(alice, app, **ways.COOKIE)
    assert (answer.status_code, answer.json()["errors"]["DPoP"][0]["code"]) == (400, "not_with_cookies")
    assert not answer.cookies
    assert ways.password(alice, **ways.COOKIE).status_code == 200


def test_step_up_of_a_bound_device_stays_bound(bound: BoundApp) -> None:
    before = bound.access
    answer = bound.post(ways.STEP_UP, {"password": PASSWORD})
    assert answer.json()["token_type"] == "DPoP"
    bound.access = answer.json()["access"]
    assert forge.opened(bound.access)[1]["cnf"] == {"jkt": bound.key.jkt}
    assert bound.get("/api/v1/me/").status_code == 200
    thief = BoundApp(access=before, nonce=bound.nonce)
    refused(thief.post(ways.STEP_UP, {"password": PASSWORD}))


def test_step_up_of_a_bearer_device_stays_a_bearers(app: App) -> None:
    answer = app.post(ways.STEP_UP, {"password": PASSWORD})
    assert answer.json()["token_type"] == "Bearer"
    assert "cnf" not in forge.opened(answer.json()["access"])[1]


def test_devices_say_which_of_them_are_bound(bound: BoundApp, alice: User) -> None:
    App().sign_in(alice.email)
    listed = {row["id"]: row["dpop_bound"] for row in bound.get("/api/v1/me/devices/").json()["results"]}
    assert listed.pop(bound.device) is True
    assert set(listed.values()) == {False}


def test_config_tells_the_algorithms(db: None) -> None:
    assert App().get("/auth/config/").json()["dpop_signing_alg_values_supported"] == list(dpop.ALGORITHMS)
