"""Guests: begin without a proof, be joined later under the same `sub` (SECURITY P-10)."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.devices.models import Device
from accounts.lifecycle import deletion, guests
from accounts.tokens import access
from accounts.users.models import User
from tests.api.conftest import proved_long_ago
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.mailbox import last_letter
from tests.support.ways import AUTHENTICATE, COOKIE, TOKEN, outcome, passkey_answer

pytestmark = pytest.mark.usefixtures("db")
GUEST = "/auth/guest/"
EMAIL, PASSKEYS, PASSWORD = "/api/v1/me/email/", "/api/v1/me/passkeys/", "/api/v1/me/password/"
GRACE = "grace@example.com"
NEW = "a brand new secret phrase"
STEP_UP_FIRST = (401, "insufficient_user_authentication")


def guest(**body: Any) -> App:
    app = App()
    app._keep(App().post(GUEST, body))
    return app


def sub(app: App) -> str:
    return access.verify(app.access).grant.sub


def add_passkey(app: App, **knobs: Any) -> tuple[Authenticator, Any]:
    key, asked = Authenticator(**knobs), app.post(PASSKEYS + "options/")
    if asked.status_code != 200:
        return key, asked
    body = {"challenge": asked.json()["challenge"], "credential": key.create(asked.json()["publicKey"])}
    return key, app.post(PASSKEYS, body)


def add_email(app: App, email: str = GRACE) -> Any:
    answer = app.post(EMAIL, {"email": email})
    if answer.status_code != 202:
        return answer
    return App().post("/auth/email/change/confirm/", {"email": email, "code": last_letter(email).code})


def test_guest_has_an_account_and_has_shown_nothing() -> None:
    app = guest(device={"name": "Pixel"}, language="de")
    grant = access.verify(app.access).grant
    assert (grant.acr, grant.amr) == ("guest", ())
    me = app.get("/api/v1/me/").json()
    assert (me["id"], me["email"]) == (grant.sub, None)
    assert (Device.objects.get().name, User.objects.get().language) == ("Pixel", "de")
    assert app.rotate().status_code == 200


def test_guest_in_a_browser_gets_a_cookie() -> None:
    answer = App().post(GUEST, {}, **COOKIE)
    assert (answer.status_code, "access" in answer.json()) == (200, False)


def test_guests_are_made_only_where_they_are_wanted(settings: Any) -> None:
    settings.GUEST_SIGN_UP = False
    assert outcome(App().post(GUEST)) == (403, "method_disabled")
    assert "guest" not in App().get("/auth/config/").json()["methods"]


def test_one_network_makes_so_many_guests() -> None:
    answers = [App().post(GUEST) for _ in range(guests._NETWORK.free + 1)]
    assert [answer.status_code for answer in answers] == [200] * guests._NETWORK.free + [429]
    assert "Retry-After" in answers[-1]


def test_guest_joins_by_a_passkey_and_keeps_its_sub() -> None:
    app = guest()
    key, answer = add_passkey(app)
    assert answer.status_code == 201
    joined = App()
    joined._keep(App().post(AUTHENTICATE, passkey_answer(key)))
    assert sub(joined) == sub(app)


def test_guest_joins_by_an_address_and_keeps_its_sub() -> None:
    app = guest()
    before = sub(app)
    assert add_email(app).status_code == 204
    assert app.rotate().status_code == 200
    asked = App().post("/auth/code/", {"email": GRACE}).json()
    joined = App()
    joined._keep(App().post("/auth/code/verify/", {"challenge": asked["challenge"], "code": last_letter(GRACE).code}))
    assert sub(joined) == before


def test_guest_with_an_address_sets_a_password_and_keeps_its_sub() -> None:
    app = guest()
    before = sub(app)
    add_email(app)
    app.rotate()
    assert app.post(PASSWORD, {"new_password": NEW}).status_code == 204
    joined = App()
    assert joined.sign_in(GRACE, NEW).status_code == 200
    assert sub(joined) == before


@pytest.mark.parametrize("way", [add_passkey, add_email])
def test_P10_guest_of_an_hour_ago_has_its_device_to_show(way: Any) -> None:
    app = proved_long_ago(guest())
    answer = way(app)
    assert (answer[1] if isinstance(answer, tuple) else answer).status_code in {201, 204}


def test_P10_what_was_added_is_asked_for_from_then_on() -> None:
    app = proved_long_ago(guest())
    add_passkey(app)
    for answer in (add_passkey(app)[1], add_email(app), app.post(PASSWORD, {"new_password": NEW})):
        assert outcome(answer) == STEP_UP_FIRST
    assert app.get("/auth/step-up/").json() == {"methods": ["passkey"]}


def test_P10_address_is_asked_for_from_then_on() -> None:
    app = guest()
    add_email(app)
    proved_long_ago(app)
    assert outcome(add_passkey(app)[1]) == STEP_UP_FIRST
    assert app.get("/auth/step-up/").json() == {"methods": ["email"]}
    asked = App().post("/auth/code/", {"email": GRACE}).json()
    body = {"method": "email", "challenge": asked["challenge"], "code": last_letter(GRACE).code}
    app.access = app.post("/auth/step-up/", body).json()["access"]
    assert add_passkey(app)[1].status_code == 201


def test_P10_setting_that_closes_the_mailbox_opens_nothing(settings: Any) -> None:
    app = guest()
    add_email(app)
    proved_long_ago(app)
    settings.EMAIL_CODE_SIGN_IN = False
    assert app.get("/auth/step-up/").json() == {"methods": []}
    assert outcome(add_passkey(app)[1]) == STEP_UP_FIRST


def test_P10_person_with_an_upstream_identity_is_no_guest() -> None:
    app = guest()
    User.objects.get().identities.create(provider="google", issuer="https://accounts.google.com", subject="1")
    proved_long_ago(app)
    assert app.get("/auth/step-up/").json() == {"methods": []}
    assert outcome(add_passkey(app)[1]) == STEP_UP_FIRST


def test_guest_cannot_take_an_address_that_somebody_has(alice: User) -> None:
    app = guest()
    assert app.post(EMAIL, {"email": alice.email}).status_code == 202
    assert User.objects.get(email=alice.email).id == alice.id
    assert app.get("/api/v1/me/").json()["email"] is None


def test_guest_leaves_by_typing_delete() -> None:
    app = guest()
    answer = app.http.delete("/api/v1/me/", {"confirm": "delete"}, content_type="application/json", headers=app._headers({}))
    assert answer.status_code == 202
    assert outcome(app.rotate())[0] == 401


def test_empty_password_is_no_way_to_a_guest() -> None:
    guest()
    for email in ("", "None", "null"):
        assert App().post(TOKEN, {"email": email, "password": NEW}).status_code in {400, 401}


@pytest.mark.parametrize(("signed_in", "joined", "left"), [(True, False, 1), (False, False, 0), (False, True, 1)])
def test_guest_without_a_device_goes_after_a_week(signed_in: bool, joined: bool, left: int) -> None:
    app = guest()
    if joined:
        add_passkey(app)
    if not signed_in:
        Device.objects.all().delete()
    deletion.sweep_abandoned()
    assert User.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        deletion.sweep_abandoned()
    assert User.objects.count() == left
