"""/account/security/: what opens the account, and what is added and removed there."""

import re

import pytest
from pytest_django import Settings

from accounts.devices.models import Device
from accounts.mfa import factors, recovery_codes
from accounts.users.models import User
from tests.support.account import SECURITY, later, leads_to, text
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.pages import signed_in
from tests.support.phone import Phone, enrolled

NEW = "a quite different staple"
APP, CODE, RENEW = (f"{SECURITY}{page}/" for page in ("authenticator", "authenticator/code", "recovery-codes"))
WANTS_PROOF = [APP, CODE, RENEW, f"{APP}remove/", "/account/profile/email/", "/account/delete/"]
CONFIRM = "/account/confirm/"
ALL_PAGES = [*WANTS_PROOF, SECURITY, f"{SECURITY}password/", "/account/profile/", "/account/export/"]


@pytest.fixture
def alices(alice: User) -> Browser:
    return signed_in(alice)


@pytest.mark.parametrize("path", ALL_PAGES)
def test_a_stranger_is_led_to_the_sign_in_and_back(db: None, path: str) -> None:
    answer = Browser().get(path)
    assert leads_to(answer) == (303, "/account/sign-in/")
    assert answer.headers["Location"].endswith(path.replace("/", "%2F"))


@pytest.mark.parametrize("path", WANTS_PROOF)
def test_P10_a_page_that_adds_or_removes_a_way_in_wants_a_recent_proof(alices: Browser, path: str) -> None:
    assert alices.get(path).status_code == 200
    with later():
        answer = alices.get(path)
        posted = alices.post(path)
    assert {leads_to(answer), leads_to(posted)} == {(303, CONFIRM)}
    assert answer.headers["Location"].endswith(path.replace("/", "%2F"))


def test_the_current_device_is_marked_and_others_can_be_signed_out(alices: Browser, app: App) -> None:
    page = text(alices.get(SECURITY))
    assert page.count("This device") == 1
    assert "Sign out all other devices" in page
    assert leads_to(alices.post(f"{SECURITY}devices/{app.device}/sign-out/")) == (303, SECURITY)
    assert not Device.objects.filter(id=app.device, revoked_at=None).exists()


def test_B10_nobody_signs_out_somebody_elses_device(alices: Browser, bobs_app: App) -> None:
    alices.post(f"{SECURITY}devices/{bobs_app.device}/sign-out/")
    assert Device.objects.filter(id=bobs_app.device, revoked_at=None).exists()


def test_password_is_changed_with_the_current_one(alices: Browser, app: App, alice: User) -> None:
    fields = {"current_password": PASSWORD, "new_password": NEW}
    assert leads_to(alices.post(f"{SECURITY}password/", fields)) == (303, SECURITY)
    assert app.rotate().status_code == 401
    assert App().sign_in(alice.email or "", NEW).status_code == 200
    assert alices.get(SECURITY).status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "says"),
    [
        ("not mine", NEW, "The current password is not right."),
        (PASSWORD, "short", "at least 12"),
        (PASSWORD, "", "Fill in this"),
    ],
)
def test_password_that_is_refused_says_why_beside_the_field(alices: Browser, current: str, new: str, says: str) -> None:
    answer = alices.post(f"{SECURITY}password/", {"current_password": current, "new_password": new})
    assert (answer.status_code, says in text(answer)) == (400, True)
    assert PASSWORD not in answer.content.decode()


def test_both_passwords_are_judged_in_one_answer(alices: Browser) -> None:
    for current in ("wrong", ""):
        page = alices.post(f"{SECURITY}password/", {"current_password": current, "new_password": "short"}).content.decode()
        assert 'id="id_current_password-error"' in page
        assert 'id="id_new_password-error"' in page


def test_a_first_password_wants_a_recent_proof_in_its_place(alices: Browser, alice: User) -> None:
    alice.set_unusable_password()
    alice.save(update_fields=["password"])
    with later():
        assert leads_to(alices.get(f"{SECURITY}password/")) == (303, CONFIRM)
    assert "Current password" not in text(alices.get(f"{SECURITY}password/"))
    assert leads_to(alices.post(f"{SECURITY}password/", {"new_password": NEW})) == (303, SECURITY)
    assert App().sign_in(alice.email or "", NEW).status_code == 200


def test_an_authenticator_app_is_set_up_by_picture_or_text_and_a_code(alices: Browser, alice: User) -> None:
    page = alices.post(APP).content.decode()
    secret = re.search(r'class="secret">(\w+)<', page)
    assert secret
    assert "<svg" in page
    shown = alices.post(CODE, {"code": Phone(secret[1]).code()})
    assert len(re.findall(r"<li><code>[\w-]+</code>", shown.content.decode())) == 10
    assert factors.has_authenticator(alice.id)
    assert "10 codes are left" in text(alices.get(SECURITY))


def test_setting_up_an_app_counts_as_the_second_proof_of_this_browser(alices: Browser) -> None:
    found = re.search(r'class="secret">(\w+)<', alices.post(APP).content.decode())
    assert found
    assert alices.post(CODE, {"code": Phone(found[1]).code()}).status_code == 200
    assert "You have 10 codes left" in text(alices.get(RENEW))


def test_P11_a_wrong_code_can_be_tried_again_and_does_not_show_the_secret_again(alices: Browser, alice: User) -> None:
    found = re.search(r'class="secret">(\w+)<', alices.post(APP).content.decode())
    assert found
    phone = Phone(found[1])
    wrong = alices.post(CODE, {"code": phone.wrong_code()})
    assert (wrong.status_code, phone.secret in wrong.content.decode()) == (400, False)
    assert alices.post(CODE, {"code": phone.code()}).status_code == 200
    assert factors.has_authenticator(alice.id)


def strong(browser: Browser, user: User) -> Phone:
    """The phone of somebody who set up an app and has confirmed with it in this browser."""
    phone = enrolled(user)
    assert leads_to(browser.post(CONFIRM, {"method": "totp", "code": phone.code(), "next": SECURITY})) == (303, SECURITY)
    return phone


def test_new_recovery_codes_take_the_place_of_the_old(alices: Browser, alice: User) -> None:
    phone = strong(alices, alice)
    assert "You have 10 codes left" in text(alices.get(RENEW))
    shown = re.findall(r"<code>([\w-]+)</code>", alices.post(RENEW).content.decode())
    assert len(shown) == 10
    assert not set(shown) & set(phone.recovery_codes)
    assert recovery_codes.left(alice.id) == 10


def test_P10_with_an_app_the_password_alone_removes_nothing(alices: Browser, alice: User) -> None:
    enrolled(alice)
    assert leads_to(alices.post(f"{APP}remove/")) == (303, CONFIRM)
    assert factors.has_authenticator(alice.id)


def test_the_authenticator_app_is_removed(alices: Browser, alice: User) -> None:
    strong(alices, alice)
    assert leads_to(alices.post(f"{APP}remove/")) == (303, SECURITY)
    assert not factors.has_authenticator(alice.id)


def test_P17_the_last_second_step_of_somebody_who_must_have_one_stays(alices: Browser, alice: User, settings: Settings) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    strong(alices, alice)
    User.objects.filter(id=alice.id).update(is_staff=True)
    assert leads_to(alices.post(f"{APP}remove/")) == (303, SECURITY)
    assert "This is the last one." in text(alices.get(SECURITY))
    assert factors.has_authenticator(alice.id)
