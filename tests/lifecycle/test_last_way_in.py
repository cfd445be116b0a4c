"""What is left must open the account, and be as strong as its role demands (SECURITY P-17)."""

from collections.abc import Callable

import pytest

from accounts.users.models import User
from tests.lifecycle.test_guests import add_email, add_passkey, guest
from tests.mfa.test_api import proved
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.pages import NEW_PASSWORD, visitor
from tests.support.phone import Phone, enrolled
from tests.support.ways import AUTHENTICATE, COOKIE, STEP_UP, opens, outcome, passkey_answer

LAST = (409, "last_factor")
ME = "/api/v1/me/"
PASSWORD, TOTP, PASSKEYS, IDENTITIES = f"{ME}password/", f"{ME}totp/", f"{ME}passkeys/", f"{ME}identities/"

pytestmark = pytest.mark.usefixtures("db")


def owner(app: App) -> User:
    return User.objects.get(id=app.get(ME).json()["id"])


def confirmed(app: App, phone: Phone) -> App:
    """With the authenticator app, a moment later."""
    answer = app.post(STEP_UP, {"method": "totp", "code": phone.code()})
    assert answer.status_code == 200, answer.content
    app.access = answer.json()["access"]
    return app


def only(app: App, path: str) -> str:
    (row,) = app.get(path).json()["results"]
    return f"{path}{row['id']}/"


def with_identity(app: App) -> App:
    owner(app).identities.create(provider="google", issuer="https://accounts.google.com", subject="1")
    return app


def with_passkey(app: App) -> App:
    key: Authenticator = add_passkey(app)[0]
    app._keep(App().post(AUTHENTICATE, passkey_answer(key)))
    return app


@pytest.mark.parametrize(("way", "path"), [(with_identity, IDENTITIES), (with_passkey, PASSKEYS)])
def test_P17_authenticator_app_is_no_way_in(way: Callable[[App], App], path: str) -> None:
    app = way(guest())
    enrolled(owner(app))
    assert outcome(proved(app).delete(only(app, path))) == LAST
    User.objects.update(email="grace@example.com")
    assert app.delete(only(app, path)).status_code == 204


def test_P17_password_without_an_address_is_no_way_in() -> None:
    app = with_passkey(guest())
    user = owner(app)
    user.set_password(NEW_PASSWORD)
    user.save()
    assert outcome(app.delete(only(app, PASSKEYS))) == LAST
    User.objects.update(email="grace@example.com")
    assert app.delete(only(app, PASSKEYS)).status_code == 204


def test_P17_guest_chooses_no_password_before_an_address() -> None:
    app = guest()
    assert outcome(app.post(PASSWORD, {"new_password": NEW_PASSWORD})) == (409, "address_required")
    assert not owner(app).has_usable_password()
    assert add_passkey(app)[1].status_code == 201
    joined = guest()
    add_email(joined)
    joined.rotate()
    assert joined.post(PASSWORD, {"new_password": NEW_PASSWORD}).status_code == 204
    assert opens("grace@example.com", NEW_PASSWORD)


def test_P17_guest_is_offered_no_password_on_a_page() -> None:
    browser = visitor()
    browser.send("POST", "/auth/guest/", {}, **{**COOKIE, "X-CSRFToken": browser.csrf, "Origin": "http://testserver"})
    page = browser.get("/account/security/").content.decode()
    assert "/account/security/password/" not in page
    assert "/account/profile/email/" in page
    assert browser.get("/account/security/password/").headers["Location"] == "/account/security/"
    assert browser.post("/account/security/password/", {"new_password": NEW_PASSWORD}).status_code == 303
    assert browser.get("/account/choose-password/").headers["Location"] == "/account/security/"
    assert not User.objects.get().has_usable_password()


def test_authenticator_app_that_is_all_there_is_may_go() -> None:
    app = guest()
    phone = enrolled(owner(app))
    assert confirmed(app, phone).delete(TOTP).status_code == 204
