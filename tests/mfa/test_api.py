"""/api/v1/me/totp/ and /api/v1/me/recovery-codes/ over HTTP (SECURITY P-10, P-11, P-17)."""

import time

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from pytest_django import Settings

from accounts.core.requests import NOWHERE
from accounts.devices.models import Device
from accounts.mfa import factors, recovery_codes, totp
from accounts.mfa.models import Authenticator
from accounts.users.models import User
from api import routes
from tests.api.conftest import proved_long_ago
from tests.conftest import signed_in
from tests.support.app import App
from tests.support.phone import Phone, enrolled

TOTP, CONFIRM, CODES = "/api/v1/me/totp/", "/api/v1/me/totp/confirm/", "/api/v1/me/recovery-codes/"


def proved(app: App, *, acr: str = "aal2", ago: int = 0) -> App:
    """The same app, its last proof that strong and that old."""
    Device.objects.filter(id=app.device).update(acr=acr, auth_time=int(time.time()) - ago)
    assert app.rotate().status_code == 200
    return app


@pytest.fixture
def phone(app: App, alice: User) -> Phone:
    """Enrolled since Alice's app was signed in by password."""
    return enrolled(alice)


@pytest.fixture
def strong(app: App, phone: Phone) -> App:
    """Alice's app after both factors were shown."""
    return proved(app)


def refused(answer: HttpResponse) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


STALE = (401, "insufficient_user_authentication")


def test_authenticator_is_set_up_in_two_steps(app: App, alice: User) -> None:
    begun = app.post(TOTP)
    assert begun.status_code == 201
    assert set(begun.json()) == {"secret", "otpauth_uri", "qr_svg"}
    assert "Signet:alice%40example.com" in begun.json()["otpauth_uri"]
    assert begun["Cache-Control"] == "no-store"
    confirmed = app.post(CONFIRM, {"code": Phone(begun.json()["secret"]).code()})
    assert (confirmed.status_code, list(confirmed.json())) == (200, ["recovery_codes"])
    assert len(confirmed.json()["recovery_codes"]) == 10
    assert factors.has_authenticator(alice.id)


def test_P10_enrolment_counts_as_second_proof_of_that_device_alone(app: App, alice: User) -> None:
    elsewhere = proved(signed_in(alice), acr="aal1")
    begun = app.post(TOTP).json()
    assert app.post(CONFIRM, {"code": Phone(begun["secret"]).code()}).status_code == 200
    assert refused(app.post(CODES)) == STALE  # the access token of before says what it said
    assert app.rotate().status_code == 200
    assert app.post(CODES).status_code == 200
    assert elsewhere.rotate().status_code == 200
    assert refused(elsewhere.post(CODES)) == STALE


def test_wrong_code_is_an_error_of_its_field(app: App, alice: User) -> None:
    phone = Phone(app.post(TOTP).json()["secret"])
    answer = app.post(CONFIRM, {"code": phone.wrong_code()})
    assert refused(answer) == (400, "invalid")
    assert answer.json()["errors"]["code"][0]["code"] == "invalid_code"
    assert not factors.has_authenticator(alice.id)
    assert app.post(CONFIRM, {"code": phone.code()}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"code": 123456}, {"code": ""}, {"code": "1" * 21}, {"code": "1", "user": "x"}])
def test_confirmation_of_another_shape_is_refused(app: App, body: dict[str, object]) -> None:
    app.post(TOTP)
    assert refused(app.post(CONFIRM, body)) == (400, "invalid")


def test_confirmed_authenticator_is_not_replaced(strong: App, phone: Phone) -> None:
    assert refused(strong.post(TOTP)) == (409, "already_enrolled")
    assert refused(strong.post(CONFIRM, {"code": phone.code()})) == (409, "already_enrolled")


def test_removal_keeps_every_device(app: App, alice: User) -> None:
    other = signed_in(alice)
    enrolled(alice)
    assert proved(app).delete(TOTP).status_code == 204
    assert not factors.has_authenticator(alice.id)
    assert [device.rotate().status_code for device in (app, other)] == [200, 200]


def test_removing_what_is_gone_is_no_error(strong: App) -> None:
    assert [strong.delete(TOTP).status_code for _ in range(2)] == [204, 204]
    assert strong.post(TOTP).status_code == 201


def test_renewal_answers_ten_new_codes(strong: App, alice: User, phone: Phone) -> None:
    answer = strong.post(CODES)
    assert (answer.status_code, len(answer.json()["recovery_codes"])) == (200, 10)
    assert not set(answer.json()["recovery_codes"]) & set(phone.recovery_codes)
    assert recovery_codes.left(alice.id) == 10


def test_renewal_wants_an_authenticator(app: App) -> None:
    assert refused(app.post(CODES)) == (409, "not_enrolled")


def test_P10_old_proof_enrols_nothing(app: App, alice: User) -> None:
    begun = Phone(app.post(TOTP).json()["secret"])
    proved_long_ago(app)
    answers = [app.post(TOTP), app.post(CONFIRM, {"code": begun.code()}), app.delete(TOTP), app.post(CODES)]
    assert [refused(answer) for answer in answers] == [STALE] * 4
    assert all('max_age="300"' in answer["WWW-Authenticate"] for answer in answers)
    assert not factors.has_authenticator(alice.id)
    assert proved(app, acr="aal1").post(CONFIRM, {"code": begun.code()}).status_code == 200


@pytest.mark.parametrize(("ago", "status"), [(290, 201), (310, 401)])
def test_P10_proof_is_fresh_for_five_minutes(app: App, ago: int, status: int) -> None:
    assert proved(app, acr="aal1", ago=ago).post(TOTP).status_code == status


def test_P10_password_alone_neither_removes_nor_renews(app: App, alice: User, phone: Phone) -> None:
    for answer in (app.delete(TOTP), app.post(CODES)):
        assert refused(answer) == STALE
        assert 'acr_values="aal2"' in answer["WWW-Authenticate"]
    assert totp.accept(alice.id, phone.code())
    assert recovery_codes.accept(alice.id, phone.recovery_codes[0], source=NOWHERE)
    assert proved(app).delete(TOTP).status_code == 204


def test_P10_old_second_factor_does_not_do(app: App, alice: User, phone: Phone) -> None:
    assert refused(proved(app, ago=310).delete(TOTP)) == STALE
    assert proved(app).delete(TOTP).status_code == 204


def test_P11_no_answer_shows_the_secret_again(app: App, alice: User) -> None:
    secret = app.post(TOTP).json()["secret"]
    confirmed = app.post(CONFIRM, {"code": Phone(secret).code()})
    proved(app)
    answers = [confirmed, app.post(TOTP), app.get(TOTP), app.get(CODES), app.post(CODES)]
    paths = [route.path for route in routes.guarded() if route.method == "GET" and "{" not in route.path]
    answers += [app.get(path) for path in paths]
    assert not [answer for answer in answers if secret in answer.content.decode()]
    assert [answer.status_code for answer in answers[1:4]] == [409, 405, 405]


def test_P17_authenticator_stays_where_a_role_demands_it(alice: User, settings: Settings) -> None:
    alice.groups.add(Group.objects.create(name="treasurers"))
    app = signed_in(alice)
    enrolled(alice)
    proved(app)
    settings.MFA_REQUIRED_ROLES = ["treasurers"]
    assert refused(app.delete(TOTP)) == (409, "last_factor")
    assert factors.has_authenticator(alice.id)
    settings.MFA_REQUIRED_ROLES = ["others"]
    assert app.delete(TOTP).status_code == 204


def test_account_that_went_meanwhile_is_not_found(strong: App, alice: User) -> None:
    User.objects.filter(id=alice.id).delete()
    assert refused(strong.delete(TOTP)) == (404, "not_found")


def test_one_persons_authenticator_is_not_anothers(strong: App, bobs_app: App, alice: User) -> None:
    assert bobs_app.delete(TOTP).status_code == 204
    assert bobs_app.post(TOTP).status_code == 201
    assert Authenticator.objects.filter(confirmed_at__isnull=False).get().user_id == alice.id


def test_token_without_the_scope_is_refused(alice: User) -> None:
    narrow = App()
    narrow.sign_in(alice.email or "", scope="profile:read")
    for answer in (narrow.post(TOTP), narrow.post(CONFIRM, {"code": "000000"}), narrow.delete(TOTP), narrow.post(CODES)):
        assert refused(answer) == (403, "insufficient_scope")
    assert signed_in(alice).post(TOTP).status_code == 201
