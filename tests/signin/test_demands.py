"""What a role demands is asked at every way in, each time anew (SECURITY P-09, P-21, L-08)."""

from typing import Any

import pytest
from django.contrib.auth.models import Group

from accounts.core.requests import NOWHERE
from accounts.mfa import factors
from accounts.passwords import change, hashing
from accounts.tokens import access
from accounts.users.models import User
from tests.conftest import signed_in
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.phone import Phone, enrolled
from tests.support.ways import (
    COOKIE,
    ENROL,
    MFA,
    TOKEN,
    WITHOUT_UV,
    ask_code,
    outcome,
    passkey_answer,
    passkey_of,
    password,
)

ENROLMENT = (401, "mfa_enrolment_required")
STEP_UP_FIRST = (401, "insufficient_user_authentication")


@pytest.fixture
def treasurer(alice: User) -> User:
    """Alice, in a role that demands nothing yet."""
    alice.groups.add(Group.objects.create(name="treasurers"))
    return alice


@pytest.fixture
def demanding(treasurer: User, settings: Any) -> User:
    settings.MFA_REQUIRED_ROLES = ["treasurers"]
    return treasurer


def enrol(token: str) -> tuple[Phone, Any]:
    """Both steps of a forced enrolment."""
    begun = App().post(ENROL, {"challenge": token})
    assert begun.status_code == 200, begun.content
    phone = Phone(begun.json()["secret"])
    return phone, App().post(ENROL + "confirm/", {"challenge": token, "code": phone.code()})


def test_staff_without_a_factor_set_one_up_on_the_way_in(alice: User, settings: Any) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    User.objects.filter(id=alice.id).update(is_staff=True)
    asked = password(alice)
    assert outcome(asked) == ENROLMENT
    assert (asked.json()["methods"], asked.json()["expires_in"]) == (["totp"], 900)
    phone, answer = enrol(asked.json()["challenge"])
    assert answer.status_code == 200
    assert len(answer.json()["recovery_codes"]) == 10
    grant = access.verify(answer.json()["access"]).grant
    assert (grant.acr, grant.amr) == ("aal2", ("pwd", "otp", "mfa"))
    next_time = password(alice)
    assert outcome(next_time) == (401, "mfa_required")
    body = {"challenge": next_time.json()["challenge"], "method": "totp", "code": phone.code(1)}
    assert App().post(MFA, body).status_code == 200


def test_enrolment_answers_are_not_kept_by_caches(demanding: User) -> None:
    token = password(demanding).json()["challenge"]
    assert App().post(ENROL, {"challenge": token})["Cache-Control"] == "no-store"


def test_enrolment_with_a_wrong_code_enrols_nothing(demanding: User) -> None:
    token = password(demanding).json()["challenge"]
    phone = Phone(App().post(ENROL, {"challenge": token}).json()["secret"])
    wrong = {"challenge": token, "code": phone.wrong_code()}
    assert outcome(App().post(ENROL + "confirm/", wrong)) == (401, "invalid_code")
    assert not factors.has_authenticator(demanding.id)
    assert App().post(ENROL + "confirm/", {"challenge": token, "code": phone.code()}).status_code == 200


def test_enrolment_challenge_is_good_for_one_sign_in(demanding: User) -> None:
    token = password(demanding).json()["challenge"]
    phone, answer = enrol(token)
    assert answer.status_code == 200
    again = App().post(ENROL + "confirm/", {"challenge": token, "code": phone.code(1)})
    assert outcome(again) == (401, "challenge_invalid")


def test_P21_enrolment_is_not_left_by_beginning_again(demanding: User) -> None:
    for _ in range(3):
        asked = password(demanding)
        assert outcome(asked) == ENROLMENT
        App().post(ENROL, {"challenge": asked.json()["challenge"]})
    assert outcome(password(demanding, **COOKIE)) == ENROLMENT
    key = passkey_of(demanding, flags=WITHOUT_UV)
    assert outcome(App().post("/auth/passkeys/authenticate/", passkey_answer(key))) == (401, "mfa_required")


def test_P21_code_by_mail_is_no_other_way_in(demanding: User) -> None:
    asked = App().post("/auth/code/", {"email": demanding.email})
    assert asked.status_code == 202
    body = {"challenge": asked.json()["challenge"], "code": "123456"}
    assert outcome(App().post("/auth/code/verify/", body)) == (401, "invalid_code")


def test_P24_code_asked_before_the_role_demanded_more_opens_nothing(treasurer: User, settings: Any) -> None:
    body = ask_code(str(treasurer.email))
    settings.MFA_REQUIRED_ROLES = ["treasurers"]
    assert outcome(App().post("/auth/code/verify/", body)) == (401, "invalid_credentials")
    settings.MFA_REQUIRED_ROLES = []
    assert App().post("/auth/code/verify/", ask_code(str(treasurer.email))).status_code == 200


def test_P24_mailbox_and_one_code_twice_are_not_two_factors(treasurer: User, settings: Any) -> None:
    phone = enrolled(treasurer)
    asked = App().post("/auth/code/verify/", ask_code(str(treasurer.email)))
    assert outcome(asked) == (401, "mfa_required")
    settings.MFA_REQUIRED_ROLES = ["treasurers"]
    body = {"challenge": asked.json()["challenge"], "method": "totp", "code": phone.code()}
    assert outcome(App().post(MFA, body)) == (401, "invalid_credentials")


def test_mailbox_and_authenticator_are_worth_one_factor(alice: User) -> None:
    phone = enrolled(alice)
    asked = App().post("/auth/code/verify/", ask_code(str(alice.email))).json()
    answer = App().post(MFA, {"challenge": asked["challenge"], "method": "totp", "code": phone.code()})
    grant = access.verify(answer.json()["access"]).grant
    assert (grant.acr, grant.amr) == ("aal1", ("otp",))


def test_P09_reset_leaves_the_second_factor(alice: User) -> None:
    phone = enrolled(alice)
    change.store(alice, hashing.hashed("another good password"), actor=None, keep=None, source=NOWHERE, address_is_proven=True)
    asked = App().post(TOKEN, {"email": alice.email, "password": "another good password"})
    assert outcome(asked) == (401, "mfa_required")
    body = {"challenge": asked.json()["challenge"], "method": "totp", "code": phone.code()}
    assert App().post(MFA, body).status_code == 200


def test_P09_passkey_with_verification_is_enough(demanding: User) -> None:
    key = passkey_of(demanding)
    answer = App().post("/auth/passkeys/authenticate/", passkey_answer(key))
    assert answer.status_code == 200
    assert access.verify(answer.json()["access"]).grant.acr == "aal2"


def test_P09_refresh_asks_for_more_once_the_role_does(treasurer: User, settings: Any) -> None:
    app = signed_in(treasurer)
    assert app.rotate().status_code == 200
    settings.MFA_REQUIRED_ROLES = ["treasurers"]
    answer = app.rotate()
    assert outcome(answer) == STEP_UP_FIRST
    assert answer.json()["acr_values"] == "aal2"
    assert 'error="insufficient_user_authentication"' in answer["WWW-Authenticate"]
    settings.MFA_REQUIRED_ROLES = []
    assert app.rotate().status_code == 200


def test_P09_cookie_asks_for_more_once_the_role_does(treasurer: User, settings: Any) -> None:
    script = Browser()
    script.send("POST", TOKEN, {"email": treasurer.email, "password": PASSWORD}, X_Token_Transport="cookie")
    settings.MFA_REQUIRED_ROLES = ["treasurers"]
    headers = {"X_Token_Transport": "cookie", "X_CSRFToken": script.csrf}
    assert outcome(script.send("POST", "/auth/token/refresh/", **headers)) == STEP_UP_FIRST
    settings.MFA_REQUIRED_ROLES = []
    assert script.send("POST", "/auth/token/refresh/", **headers).status_code == 200
