"""/auth/step-up/: the same device, proved anew (SECURITY R-26, P-10; RFC 9470)."""

import time

import pytest
import time_machine
from django.http import HttpResponse

from accounts.audit.models import AuditEvent
from accounts.devices.models import Device
from accounts.tokens import access
from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.news import news_is_due
from tests.support.phone import Phone, enrolled
from tests.support.ways import STEP_UP, TOKEN, WITHOUT_UV, ask_code, outcome, passkey_answer, passkey_of

STALE = (401, "insufficient_user_authentication")


@pytest.fixture
def old(app: App) -> App:
    """Alice's app, its proof an hour old."""
    return proved_long_ago(app)


def fresh(answer: HttpResponse) -> tuple[str, tuple[str, ...], bool]:
    """What the new access token says: strength, methods, and whether its proof is of now."""
    grant = access.verify(answer.json()["access"]).grant
    assert (grant.acr, grant.auth_time) == (answer.json()["acr"], answer.json()["auth_time"])
    return grant.acr, grant.amr, grant.auth_time >= time.time() - 5


def test_password_makes_the_proof_fresh(old: App) -> None:
    assert outcome(old.post("/api/v1/me/devices/revoke-others/")) == STALE
    answer = old.post(STEP_UP, {"password": PASSWORD})
    assert set(answer.json()) == {"access", "token_type", "expires_in", "scope", "acr", "auth_time"}
    assert fresh(answer) == ("aal1", ("pwd",), True)
    assert answer["Cache-Control"] == "no-store"
    old.access = answer.json()["access"]
    assert old.post("/api/v1/me/devices/revoke-others/").status_code == 200


def test_wrong_password_changes_nothing(old: App) -> None:
    assert outcome(old.post(STEP_UP, {"password": "wrong password"})) == (401, "invalid_credentials")
    assert outcome(old.post("/api/v1/me/devices/revoke-others/")) == STALE
    assert old.get("/api/v1/me/").status_code == 200
    assert AuditEvent.objects.filter(event="step_up.failed").count() == 1


def test_authenticator_code_on_top_of_the_password_makes_two_factors(old: App, alice: User) -> None:
    phone = enrolled(alice)
    assert old.get(STEP_UP).json() == {"methods": ["totp", "recovery_code"]}
    answer = old.post(STEP_UP, {"method": "totp", "code": phone.code()})
    assert fresh(answer) == ("aal2", ("pwd", "otp", "mfa"), True)
    old.access = answer.json()["access"]
    assert old.delete("/api/v1/me/totp/").status_code == 204


def test_recovery_code_does_it_once(old: App, alice: User) -> None:
    body = {"method": "recovery_code", "code": enrolled(alice).recovery_codes[0]}
    answer = old.post(STEP_UP, body)
    assert fresh(answer)[0] == "aal2"
    old.access = answer.json()["access"]
    assert outcome(old.post(STEP_UP, body)) == (401, "invalid_code")


@pytest.mark.parametrize("knobs", [{}, {"flags": WITHOUT_UV}])
def test_passkey_does_it(old: App, alice: User, knobs: dict[str, int]) -> None:
    """On top of the password, whether or not it made sure who holds it."""
    key = passkey_of(alice, **knobs)
    assert fresh(old.post(STEP_UP, passkey_answer(key))) == ("aal2", ("pwd", "hwk", "user", "mfa"), True)


def test_P25_same_passkey_again_makes_no_second_factor(alice: User) -> None:
    key, app = passkey_of(alice, flags=WITHOUT_UV), App()
    app._keep(App().post("/auth/passkeys/authenticate/", passkey_answer(key)))
    assert fresh(proved_long_ago(app).post(STEP_UP, passkey_answer(key))) == ("aal1", ("hwk", "user"), True)


@pytest.mark.parametrize("same", [True, False])
def test_P25_passkey_that_made_sure_once_is_one_factor_when_it_does_not(alice: User, same: bool) -> None:
    key, app = passkey_of(alice), App()
    app._keep(App().post("/auth/passkeys/authenticate/", passkey_answer(key)))
    assert access.verify(app.access).grant.acr == "aal2"
    again = key if same else passkey_of(alice)
    assert fresh(proved_long_ago(app).post(STEP_UP, passkey_answer(again, flags=WITHOUT_UV)))[0] == "aal1"
    assert fresh(app.post(STEP_UP, passkey_answer(again)))[0] == "aal2"


def test_mailed_code_does_it_where_there_is_nothing_else(alice: User) -> None:
    User.objects.filter(id=alice.id).update(password="!")
    app = App()
    app._keep(App().post("/auth/code/verify/", ask_code(str(alice.email))))
    assert proved_long_ago(app).get(STEP_UP).json() == {"methods": ["email"]}
    answer = app.post(STEP_UP, {"method": "email", **ask_code(str(alice.email))})
    assert fresh(answer) == ("email", ("otp",), True)
    app.access = answer.json()["access"]
    assert app.post("/api/v1/me/passkeys/options/").status_code == 200


def test_mailed_code_of_somebody_else_does_not(alice: User, bob: User) -> None:
    User.objects.filter(id=alice.id).update(password="!")
    app = App()
    app._keep(App().post("/auth/code/verify/", ask_code(str(alice.email))))
    assert outcome(app.post(STEP_UP, {"method": "email", **ask_code(str(bob.email))})) == (401, "invalid_code")
    assert app.post(STEP_UP, {"method": "email", **ask_code(str(alice.email))}).status_code == 200


@pytest.mark.parametrize("method", ["email", "totp", "recovery_code", "passkey"])
def test_method_that_the_account_does_not_have_is_refused(old: App, method: str) -> None:
    answer = old.post(STEP_UP, {"method": method, "code": "123456", "credential": {}, "challenge": "x"})
    assert outcome(answer) == (400, "invalid")
    assert answer.json()["errors"]["method"][0]["code"] == "not_enough"


def test_P10_password_alone_is_not_enough_beside_an_authenticator(old: App, alice: User) -> None:
    phone = enrolled(alice)
    answer = old.post(STEP_UP, {"password": PASSWORD})
    assert outcome(answer) == (400, "invalid")
    assert answer.json()["errors"]["method"][0]["code"] == "not_enough"
    assert old.post(STEP_UP, {"code": phone.code()}).status_code == 200


def test_P10_two_factors_are_not_renewed_by_one(alice: User) -> None:
    key, app = passkey_of(alice), App()
    app._keep(App().post("/auth/passkeys/authenticate/", passkey_answer(key)))
    assert app.get(STEP_UP).json() == {"methods": ["passkey"]}
    assert outcome(app.post(STEP_UP, {"password": PASSWORD})) == (400, "invalid")
    assert app.post(STEP_UP, passkey_answer(key)).status_code == 200


def test_P10_somebody_elses_passkey_does_not_do(old: App, alice: User, bob: User) -> None:
    passkey_of(alice)
    assert outcome(old.post(STEP_UP, passkey_answer(passkey_of(bob)))) == (400, "invalid_credential")


def test_R26_older_access_tokens_of_the_device_go_stale_and_others_stay(old: App, alice: User) -> None:
    other, before = signed_in(alice), old.access
    answer = old.post(STEP_UP, {"password": PASSWORD})
    news_is_due()
    assert outcome(App(access=before).get("/api/v1/me/")) == (401, "token_stale")
    assert App(access=answer.json()["access"]).get("/api/v1/me/").status_code == 200
    assert other.get("/api/v1/me/").status_code == 200
    assert old.rotate().status_code == 200
    assert access.verify(old.access).grant.auth_time == answer.json()["auth_time"]


def test_P07_wrong_codes_are_limited_here_too(old: App, alice: User) -> None:
    phone = enrolled(alice)
    for _ in range(5):
        assert outcome(old.post(STEP_UP, {"code": phone.wrong_code()})) == (401, "invalid_code")
    assert outcome(old.post(STEP_UP, {"code": phone.code()})) == (429, "too_many_attempts")
    with time_machine.travel(time.time() + 31):
        assert old.post(STEP_UP, {"code": phone.code()}).status_code == 200


def test_wrong_passwords_are_limited_here_too(old: App) -> None:
    for _ in range(10):
        assert outcome(old.post(STEP_UP, {"password": "wrong password"})) == (401, "invalid_credentials")
    assert outcome(old.post(STEP_UP, {"password": PASSWORD})) == (429, "too_many_attempts")


def test_narrow_token_stays_narrow(alice: User) -> None:
    app = signed_in(alice)
    app.rotate(scope="profile:read")
    answer = app.post(STEP_UP, {"password": PASSWORD})
    assert answer.json()["scope"] == "profile:read"
    assert outcome(App(access=answer.json()["access"]).get("/api/v1/me/devices/")) == (403, "insufficient_scope")


@pytest.mark.parametrize("token", ["", "nonsense"])
def test_stranger_steps_nothing_up(db: None, token: str) -> None:
    for answer in (App(access=token).post(STEP_UP, {"password": PASSWORD}), App(access=token).get(STEP_UP)):
        assert answer.status_code == 401


def test_signed_out_device_steps_nothing_up(old: App) -> None:
    Device.objects.filter(id=old.device).update(revoked_at="2026-01-01T00:00:00Z")
    assert outcome(old.post(STEP_UP, {"password": PASSWORD})) == (401, "device_revoked")


@pytest.mark.parametrize("body", [{}, {"method": "sms"}, {"password": 1}, {"password": PASSWORD, "user": "x"}, []])
def test_request_of_another_shape_is_refused(old: App, body: object) -> None:
    assert outcome(old.post(STEP_UP, body)) == (400, "invalid")


def test_browser_steps_up_with_its_cookie_and_the_csrf_token(alice: User) -> None:
    script = Browser()
    script.send("POST", TOKEN, {"email": alice.email, "password": PASSWORD}, X_Token_Transport="cookie")
    Device.objects.update(auth_time=int(time.time()) - 3600)
    before = script.cookie
    assert outcome(script.send("POST", STEP_UP, {"password": PASSWORD})) == (403, "csrf_failed")
    answer = script.send("POST", STEP_UP, {"password": PASSWORD}, X_CSRFToken=script.csrf)
    assert set(answer.json()) == {"expires_in", "scope", "acr", "auth_time"}
    assert script.cookie not in {"", before}
    headers = {"X_CSRFToken": script.csrf}
    assert script.send("POST", "/api/v1/me/devices/revoke-others/", **headers).status_code == 200


def test_guest_has_nothing_to_confirm_with(db: None) -> None:
    guest = App()
    guest._keep(App().post("/auth/guest/"))
    assert guest.get(STEP_UP).json() == {"methods": []}
    assert outcome(guest.post(STEP_UP, {"password": PASSWORD})) == (400, "invalid")


def test_guest_with_an_authenticator_confirms_with_it(db: None) -> None:
    guest = App()
    guest._keep(App().post("/auth/guest/"))
    phone = Phone(guest.post("/api/v1/me/totp/").json()["secret"])
    assert guest.post("/api/v1/me/totp/confirm/", {"code": phone.code()}).status_code == 200
    assert outcome(proved_long_ago(guest).delete("/api/v1/me/totp/")) == STALE
    answer = guest.post(STEP_UP, {"code": phone.code(1)})
    assert fresh(answer) == ("aal1", ("otp",), True)
    guest.access = answer.json()["access"]
    assert guest.post("/api/v1/me/passkeys/options/").status_code == 200


def test_P10_device_of_a_mailed_code_shows_what_is_missing_step_by_step(alice: User) -> None:
    app = App()
    app._keep(app.post("/auth/code/verify/", ask_code(str(alice.email))))
    phone = enrolled(alice)
    assert outcome(app.delete("/api/v1/me/totp/")) == STALE
    assert app.get(STEP_UP).json() == {"methods": ["password", "totp", "recovery_code"]}
    app.access = app.post(STEP_UP, {"password": PASSWORD}).json()["access"]
    assert outcome(app.delete("/api/v1/me/totp/")) == STALE
    answer = app.post(STEP_UP, {"method": "totp", "code": phone.code()})
    assert fresh(answer)[0] == "aal2"
    app.access = answer.json()["access"]
    assert app.delete("/api/v1/me/totp/").status_code == 204
