"""The second step of a sign-in over HTTP (SECURITY P-07, P-08, P-10, P-23, P-25)."""

import time

import pytest
import time_machine

from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.mfa import totp
from accounts.revocations import publish
from accounts.signin import challenge
from accounts.tokens import access
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.authenticator import Authenticator
from tests.support.mailbox import notices
from tests.support.phone import Phone, enrolled
from tests.support.ways import COOKIE, ENROL, MFA, TOKEN, WITHOUT_UV, outcome, passkey_answer, passkey_of, password

RUN_OUT = (401, "challenge_invalid")


@pytest.fixture
def phone(alice: User) -> Phone:
    return enrolled(alice)


def first_step(user: User, **headers: str) -> str:
    return str(password(user, **headers).json()["challenge"])


def second_step(token: str, code: str, method: str = "totp", **headers: str):
    return App().post(MFA, {"challenge": token, "method": method, "code": code}, **headers)


def claims(answer) -> tuple[str, list[str]]:
    verified = access.verify(answer.json()["access"]).grant
    return verified.acr, list(verified.amr)


def test_right_password_asks_for_the_second_factor(alice: User, phone: Phone) -> None:
    answer = password(alice)
    assert outcome(answer) == (401, "mfa_required")
    assert set(answer.json()) == {"code", "detail", "challenge", "methods", "expires_in"}
    assert answer.json()["methods"] == ["totp", "recovery_code"]
    assert answer.json()["expires_in"] == challenge.LIFETIME == 300
    assert "WWW-Authenticate" in answer
    assert not Device.objects.exists()


def test_passkey_is_offered_with_its_options(alice: User, phone: Phone) -> None:
    key = passkey_of(alice)
    asked = password(alice).json()
    assert asked["methods"] == ["passkey", "totp", "recovery_code"]
    offered = [found["id"] for found in asked["publicKey"]["allowCredentials"]]
    assert offered == [key.get(asked["publicKey"])["id"]]


def test_authenticator_code_ends_in_two_factors(alice: User, phone: Phone) -> None:
    answer = second_step(first_step(alice), phone.code())
    assert answer.status_code == 200
    assert claims(answer) == ("aal2", ["pwd", "otp", "mfa"])


def test_recovery_code_ends_in_two_factors_once(alice: User, phone: Phone) -> None:
    code = phone.recovery_codes[3]
    answer = second_step(first_step(alice), code, "recovery_code")
    assert claims(answer) == ("aal2", ["pwd", "otp", "mfa"])
    assert outcome(second_step(first_step(alice), code, "recovery_code")) == (401, "invalid_code")


@pytest.mark.parametrize("knobs", [{}, {"flags": WITHOUT_UV}])
def test_passkey_ends_in_two_factors(alice: User, phone: Phone, knobs: dict[str, int]) -> None:
    key = passkey_of(alice, **knobs)
    asked = password(alice).json()
    body = {"challenge": asked["challenge"], "method": "passkey", "credential": key.get(asked["publicKey"])}
    answer = App().post(MFA, body)
    assert claims(answer) == ("aal2", ["pwd", "hwk", "user", "mfa"])


def test_P25_passkey_without_verification_is_not_both_factors(alice: User, phone: Phone) -> None:
    key = passkey_of(alice, flags=WITHOUT_UV)
    asked = App().post("/auth/passkeys/authenticate/", passkey_answer(key))
    assert outcome(asked) == (401, "mfa_required")
    again = {"challenge": asked.json()["challenge"], "method": "passkey", "credential": key.get(asked.json()["publicKey"])}
    assert outcome(App().post(MFA, again)) == (401, "invalid_code")
    answer = second_step(asked.json()["challenge"], phone.code())
    assert claims(answer) == ("aal2", ["hwk", "user", "otp", "mfa"])


def test_terms_of_the_first_step_hold(alice: User, phone: Phone) -> None:
    body = {
        "email": alice.email,
        "password": PASSWORD,
        "scope": "profile:read",
        "device": {"name": "Pixel", "platform": "android"},
    }
    asked = App().post(TOKEN, body).json()
    answer = second_step(asked["challenge"], phone.code())
    device = Device.objects.get(id=answer.json()["device"])
    assert (answer.json()["scope"], device.name, device.platform) == ("profile:read", "Pixel", "android")


def test_known_device_is_not_told_of_as_a_new_one(alice: User) -> None:
    known = signed_in(alice)
    phone = enrolled(alice)
    body = {"email": alice.email, "password": PASSWORD}
    asked = App().post(TOKEN, {**body, "device": {"refresh": known.refresh}}).json()
    assert second_step(asked["challenge"], phone.code()).status_code == 200
    assert notices("new_device") == []
    assert second_step(first_step(alice), phone.code(1)).status_code == 200
    assert len(notices("new_device")) == 1


def test_P08_challenge_is_no_access_token(alice: User, phone: Phone) -> None:
    token = first_step(alice)
    for path in ("/api/v1/me/", "/api/v1/me/devices/"):
        assert App(access=token).get(path).status_code == 401
    assert outcome(App().post("/auth/token/refresh/", {"refresh": token})) == (401, "token_invalid")
    assert second_step(token, phone.code()).status_code == 200


def test_P08_challenge_is_good_for_one_sign_in(alice: User, phone: Phone) -> None:
    token = first_step(alice)
    assert second_step(token, phone.code()).status_code == 200
    assert outcome(second_step(token, phone.code(1))) == RUN_OUT
    assert Device.objects.count() == 1


def test_P08_challenge_names_its_person(alice: User, bob: User, phone: Phone) -> None:
    bobs = enrolled(bob)
    token = first_step(alice)
    assert outcome(second_step(token, bobs.code())) == (401, "invalid_code")
    assert outcome(second_step(token, bobs.recovery_codes[0], "recovery_code")) == (401, "invalid_code")
    key, asked = passkey_of(bob), password(alice).json()
    stolen = {"challenge": token, "method": "passkey", "credential": passkey_answer(key)["credential"]}
    assert outcome(App().post(MFA, stolen)) == (401, "invalid_code")
    assert second_step(asked["challenge"], phone.code()).status_code == 200
    assert Device.objects.get().user_id == alice.id


def test_P08_challenge_keeps_its_transport(alice: User, phone: Phone) -> None:
    for given, answered in (({}, COOKIE), (COOKIE, {})):
        assert outcome(second_step(first_step(alice, **given), phone.code(), **answered)) == RUN_OUT
    assert second_step(first_step(alice), phone.code()).status_code == 200


@pytest.mark.parametrize(("later", "status"), [(challenge.LIFETIME - 5, 200), (challenge.LIFETIME + 1, 401)])
def test_P08_challenge_runs_out(alice: User, phone: Phone, later: int, status: int) -> None:
    token = first_step(alice)
    with time_machine.travel(time.time() + later, tick=False):
        assert second_step(token, phone.code()).status_code == status


def test_P08_enrolment_challenge_answers_nothing(alice: User, settings) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    User.objects.filter(id=alice.id).update(is_staff=True)
    asked = password(alice).json()
    assert asked["code"] == "mfa_enrolment_required"
    phone = enrolled(alice)
    assert outcome(second_step(asked["challenge"], phone.code())) == RUN_OUT
    answering = first_step(alice)
    assert outcome(App().post(ENROL, {"challenge": answering})) == RUN_OUT
    assert second_step(answering, phone.code()).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é", "a" * 4000])
def test_P08_what_is_no_challenge_is_refused(alice: User, phone: Phone, token: str) -> None:
    answer = second_step(token, phone.code())
    assert outcome(answer) in {(400, "invalid"), RUN_OUT}
    assert outcome(App().post(ENROL, {"challenge": token})) in {(400, "invalid"), RUN_OUT}


@pytest.mark.parametrize(
    "body", [{}, {"method": "sms", "code": "1"}, {"method": "password", "code": PASSWORD}, {"code": "123456"}]
)
def test_answer_of_another_shape_is_refused(alice: User, phone: Phone, body: dict[str, str]) -> None:
    token = first_step(alice)
    assert outcome(App().post(MFA, {"challenge": token, **body})) == (400, "invalid")
    assert outcome(App().post(MFA, {"challenge": token, "method": "passkey"})) == (401, "invalid_code")
    assert second_step(token, phone.code()).status_code == 200


def test_P08_changed_account_outdates_the_challenge(alice: User, phone: Phone) -> None:
    token = first_step(alice)
    publish.users_stale([alice.id])
    assert outcome(second_step(token, phone.code())) == RUN_OUT
    assert second_step(first_step(alice), phone.code()).status_code == 200


def test_P07_sixth_try_at_a_challenge_is_refused_even_if_right(alice: User, phone: Phone) -> None:
    token = first_step(alice)
    for _ in range(5):
        assert outcome(second_step(token, phone.wrong_code())) == (401, "invalid_code")
    assert outcome(second_step(token, phone.code())) == RUN_OUT
    assert not Device.objects.exists()


def test_P23_right_password_with_wrong_codes_ends_throttled(alice: User, phone: Phone) -> None:
    tokens = [first_step(alice) for _ in range(6)]
    for token in tokens[:5]:
        assert outcome(second_step(token, phone.wrong_code())) == (401, "invalid_code")
    answer = second_step(tokens[5], phone.code())
    assert outcome(answer) == (429, "too_many_attempts")
    assert "Retry-After" in answer
    assert outcome(second_step(first_step(alice), phone.recovery_codes[0], "recovery_code")) == (429, "too_many_attempts")
    with time_machine.travel(time.time() + 31):
        assert second_step(first_step(alice), phone.code()).status_code == 200


def test_P23_passkey_is_not_throttled_by_wrong_codes(alice: User, phone: Phone) -> None:
    key = passkey_of(alice)
    for _ in range(5):
        second_step(first_step(alice), phone.wrong_code())
    assert App().post("/auth/passkeys/authenticate/", passkey_answer(key)).status_code == 200


def test_P10_password_alone_adds_no_factor_beside_one_that_came_meanwhile(alice: User, settings) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    User.objects.filter(id=alice.id).update(is_staff=True)
    tokens = [first_step(alice) for _ in range(2)]
    begun = App().post(ENROL, {"challenge": tokens[0]}).json()
    key: Authenticator = passkey_of(alice)
    code = Phone(begun["secret"]).code()
    assert outcome(App().post(ENROL + "confirm/", {"challenge": tokens[0], "code": code})) == RUN_OUT
    assert outcome(App().post(ENROL, {"challenge": tokens[1]})) == RUN_OUT
    assert App().post("/auth/passkeys/authenticate/", passkey_answer(key)).status_code == 200


def test_authenticator_that_was_begun_and_not_confirmed_asks_for_nothing(alice: User) -> None:
    totp.begin(alice.id, account_name="alice")
    assert password(alice).status_code == 200
    totp.remove(alice.id, actor_id=alice.id, source=NOWHERE)
