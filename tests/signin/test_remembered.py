"""How a browser is remembered, so that its owner is not asked for the second factor again, and what ends that (SECURITY P-27)."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.core.requests import NOWHERE
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.mfa import recovery_codes, totp
from accounts.passwords import change, hashing
from accounts.revocations import publish
from accounts.tokens import reuse
from accounts.users.models import User
from tests.support.app import PASSWORD, App
from tests.support.browser import Browser
from tests.support.pages import SECOND_STEP, to_second_step
from tests.support.phone import Phone, enrolled
from tests.support.ways import MFA, TOKEN, outcome, password


class Remembering:
    """A web app in one browser whose person asked not to be asked again."""

    def __init__(self, user: User, phone: Phone) -> None:
        self.browser, self.user, self.phone = Browser(), user, phone

    def sign_in(self, password: str = PASSWORD):
        return self.browser.send("POST", TOKEN, {"email": self.user.email, "password": password}, X_Token_Transport="cookie")

    def device(self) -> Device:
        """The browser's newest."""
        return Device.objects.filter(transport="cookie").latest("created_at")

    def phone_app(self) -> App:
        """Another device of the same person, signed in a moment ago."""
        app = App()
        asked = app.post(TOKEN, {"email": self.user.email, "password": PASSWORD}).json()["challenge"]
        code = self.phone.recovery_codes.pop()
        app._keep(app.post(MFA, {"challenge": asked, "method": "recovery_code", "code": code}))
        return app

    def elsewhere(self) -> Browser:
        """Another browser of theirs, likewise."""
        browser = Browser()
        fields = to_second_step(self.user, browser)
        fields |= {"method": "recovery_code", "code": self.phone.recovery_codes.pop()}
        assert browser.post(SECOND_STEP, fields).status_code == 303
        return browser

    def confirm(self, asked, step: int = 0, **body: Any):
        sent = {"challenge": asked.json()["challenge"], "method": "totp", "code": self.phone.code(step), **body}
        answer = self.browser.send("POST", MFA, sent, X_Token_Transport="cookie")
        assert answer.status_code == 200, answer.content


@pytest.fixture
def remembered(alice: User) -> Remembering:
    home = Remembering(alice, enrolled(alice))
    home.confirm(home.sign_in(), remember=True)
    return home


def test_remembered_browser_is_not_asked_again(remembered: Remembering) -> None:
    assert remembered.sign_in().status_code == 200
    assert remembered.sign_in().status_code == 200
    assert outcome(password(remembered.user)) == (401, "mfa_required")


def test_browser_that_did_not_ask_for_it_is_asked_again(alice: User) -> None:
    home = Remembering(alice, enrolled(alice))
    home.confirm(home.sign_in())
    assert outcome(home.sign_in()) == (401, "mfa_required")


def test_browser_is_remembered_for_so_long(remembered: Remembering, settings: Any) -> None:
    for days, status in ((29, 200), (31, 401)):
        with time_machine.travel(time.time() + days * 86_400):
            assert remembered.sign_in().status_code == status


def test_password_change_ends_what_is_remembered(remembered: Remembering) -> None:
    new = "another good password"
    change.store(remembered.user, hashing.hashed(new), actor=None, keep=None, source=NOWHERE)
    asked = remembered.sign_in(new)
    assert outcome(asked) == (401, "mfa_required")
    remembered.confirm(asked, 1, remember=True)
    assert remembered.sign_in(new).status_code == 200


def test_changed_role_ends_what_is_remembered(remembered: Remembering) -> None:
    publish.users_stale([remembered.user.id])
    assert outcome(remembered.sign_in()) == (401, "mfa_required")


def test_P09_remembered_browser_never_spares_staff(remembered: Remembering, settings: Any) -> None:
    settings.REQUIRE_MFA_FOR_STAFF = True
    assert remembered.sign_in().status_code == 200
    User.objects.filter(id=remembered.user.id).update(is_staff=True)
    assert outcome(remembered.sign_in()) == (401, "mfa_required")


def ended_from_the_list(remembered: Remembering) -> None:
    """Its owner lost it, and signs it out from their phone."""
    app, lost = remembered.phone_app(), remembered.device()
    assert app.delete(f"/api/v1/me/devices/{lost.id}/").status_code == 204


def ended_with_all_others(remembered: Remembering) -> None:
    assert remembered.phone_app().post("/api/v1/me/devices/revoke-others/").json()["revoked"] >= 1


def ended_on_the_page(remembered: Remembering) -> None:
    lost, elsewhere = remembered.device(), remembered.elsewhere()
    assert elsewhere.post(f"/account/security/devices/{lost.id}/sign-out/").status_code == 303


def all_others_ended_on_the_page(remembered: Remembering) -> None:
    assert remembered.elsewhere().post("/account/security/sign-out-others/").status_code == 303


def ended_by_staff(remembered: Remembering) -> None:
    registry.revoke(remembered.device(), Device.Ended.SIGNED_OUT_BY_STAFF, actor=None, source=NOWHERE)


def ended_for_theft(remembered: Remembering) -> None:
    reuse.end_device(remembered.device(), NOWHERE)


def row_is_gone(remembered: Remembering) -> None:
    """Nothing can be said about it any more."""
    remembered.device().delete()


def app_set_up_anew(remembered: Remembering) -> None:
    totp.remove(remembered.user.id, source=NOWHERE)
    with time_machine.travel(time.time() + 2):
        remembered.phone = enrolled(remembered.user)


@pytest.mark.parametrize(
    "what",
    [
        *(ended_from_the_list, ended_with_all_others, ended_on_the_page, all_others_ended_on_the_page),
        *(ended_by_staff, ended_for_theft, row_is_gone, app_set_up_anew),
    ],
)
def test_P27_browser_is_no_longer_remembered(remembered: Remembering, what: Callable[[Remembering], None]) -> None:
    what(remembered)
    asked = remembered.sign_in()
    assert outcome(asked) == (401, "mfa_required")
    with time_machine.travel(time.time() + 60):
        remembered.confirm(asked, remember=True)
        assert remembered.sign_in().status_code == 200


def signed_out_there(remembered: Remembering) -> None:
    remembered.browser.post("/account/sign-out/")
    assert remembered.device().ended_because == Device.Ended.SIGNED_OUT


def signed_out_there_on_the_list(remembered: Remembering) -> None:
    assert remembered.browser.post(f"/account/security/devices/{remembered.device().id}/sign-out/").status_code == 303
    assert remembered.device().ended_because == Device.Ended.SIGNED_OUT


def run_out(remembered: Remembering) -> None:
    Device.objects.update(idle_expires_at=timezone.now())


def another_device_ended(remembered: Remembering) -> None:
    other = remembered.phone_app()
    registry.revoke(Device.objects.get(id=other.device), Device.Ended.SIGNED_OUT_BY_STAFF, actor=None, source=NOWHERE)


def codes_renewed(remembered: Remembering) -> None:
    recovery_codes.renew(remembered.user.id, source=NOWHERE)


@pytest.mark.parametrize("what", [signed_out_there, signed_out_there_on_the_list, run_out, another_device_ended, codes_renewed])
def test_P27_browser_stays_remembered(remembered: Remembering, what: Callable[[Remembering], None]) -> None:
    """The control."""
    what(remembered)
    assert remembered.sign_in().status_code == 200


def test_P27_what_was_forgotten_is_not_carried_on_by_the_next_sign_in(remembered: Remembering) -> None:
    ended_by_staff(remembered)
    remembered.confirm(remembered.sign_in(), 1)
    assert outcome(remembered.sign_in()) == (401, "mfa_required")


def test_shorter_memory_is_shorter_for_browsers_of_before(remembered: Remembering, settings: Any) -> None:
    settings.MFA_REMEMBERED_FOR = timedelta(minutes=5)
    assert remembered.sign_in().status_code == 200
    with time_machine.travel(time.time() + 600):
        assert outcome(remembered.sign_in()) == (401, "mfa_required")


def test_mark_of_somebody_else_spares_nobody(remembered: Remembering, bob: User) -> None:
    enrolled(bob)
    body = {"email": bob.email, "password": PASSWORD}
    answer = remembered.browser.send("POST", TOKEN, body, X_Token_Transport="cookie")
    assert outcome(answer) == (401, "mfa_required")
