"""Passkeys and linked sign-ins on the security page."""

import json
import uuid

import pytest

from accounts.federation.models import FederatedIdentity
from accounts.passkeys.models import Passkey
from accounts.users.models import User
from tests.support.account import SECURITY, later, leads_to, text
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.pages import signed_in
from tests.support.ways import passkey_of

ADD, OPTIONS = f"{SECURITY}passkeys/add/", "/api/v1/me/passkeys/options/"


@pytest.fixture
def alices(alice: User) -> Browser:
    return signed_in(alice)


def made(browser: Browser) -> dict[str, str]:
    """As the script on the page fills them in."""
    asked = browser.send("POST", OPTIONS, {}, X_CSRFToken=browser.csrf).json()
    return {"challenge": asked["challenge"], "credential": json.dumps(Authenticator().create(asked["publicKey"]))}


def page_of(passkey: Passkey) -> str:
    return f"{SECURITY}passkeys/{passkey.id}/"


def linked(user: User) -> FederatedIdentity:
    return FederatedIdentity.objects.create(user=user, provider="google", issuer="https://issuer.example", subject="s")


def without_password(user: User) -> None:
    User.objects.filter(id=user.id).update(password="!", email=None)


def test_a_passkey_is_added(alices: Browser, alice: User) -> None:
    assert leads_to(alices.post(ADD, made(alices))) == (303, SECURITY)
    assert alice.passkeys.count() == 1
    assert "Not used yet" in text(alices.get(SECURITY))


def test_a_passkey_of_an_unknown_maker_is_named_after_the_browser(alices: Browser, alice: User) -> None:
    alices.http.defaults["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36"
    alices.post(ADD, made(alices))
    assert alice.passkeys.get().name == "Passkey (Chrome on Linux)"


@pytest.mark.parametrize("credential", ["", "{", "[]", '"x"', "{}", "[" * 500])
def test_what_is_no_passkey_is_refused_with_a_notice(alices: Browser, alice: User, credential: str) -> None:
    fields = {**made(alices), "credential": credential}
    assert leads_to(alices.post(ADD, fields)) == (303, SECURITY)
    assert "The passkey could not be checked." in text(alices.get(SECURITY))
    assert alice.passkeys.count() == 0


def test_P10_adding_a_passkey_wants_a_recent_proof(alices: Browser, alice: User) -> None:
    fields = made(alices)
    with later():
        assert leads_to(alices.post(ADD, fields)) == (303, "/account/confirm/")
    assert alice.passkeys.count() == 0


def test_a_passkey_is_renamed(alices: Browser, alice: User) -> None:
    passkey_of(alice)
    passkey = alice.passkeys.get()
    assert alices.get(page_of(passkey)).status_code == 200
    assert leads_to(alices.post(page_of(passkey), {"name": "Blue key"})) == (303, SECURITY)
    assert "Blue key" in text(alices.get(SECURITY))


@pytest.mark.parametrize("name", ["", "x" * 101, "a\u2028b", "a\u202eb"])
def test_a_name_that_is_no_name_is_refused(alices: Browser, alice: User, name: str) -> None:
    passkey_of(alice)
    passkey = alice.passkeys.get()
    assert alices.post(page_of(passkey), {"name": name}).status_code == 400
    assert alice.passkeys.get().name == passkey.name


def test_a_passkey_is_removed(alices: Browser, alice: User) -> None:
    passkey_of(alice)
    path = f"{page_of(alice.passkeys.get())}remove/"
    with later():
        assert {leads_to(answer) for answer in (alices.get(path), alices.post(path))} == {(303, "/account/confirm/")}
    assert "Remove this passkey?" in text(alices.get(path))
    assert alice.passkeys.count() == 1
    assert leads_to(alices.post(path)) == (303, SECURITY)
    assert alice.passkeys.count() == 0


def test_P17_the_last_way_in_stays(alices: Browser, alice: User) -> None:
    passkey_of(alice)
    without_password(alice)
    alices.post(f"{page_of(alice.passkeys.get())}remove/")
    assert "This is the last one." in text(alices.get(SECURITY))
    assert alice.passkeys.count() == 1


def test_B10_somebody_elses_passkey_is_not_there(alices: Browser, bob: User) -> None:
    passkey_of(bob)
    path = page_of(bob.passkeys.get())
    answers = [alices.get(path), alices.post(path, {"name": "mine"})]
    answers += [alices.get(f"{path}remove/"), alices.post(f"{path}remove/")]
    assert {answer.status_code for answer in answers} == {404}
    assert bob.passkeys.get().name != "mine"


def test_a_linked_sign_in_is_shown_and_unlinked(alices: Browser, alice: User) -> None:
    path = f"{SECURITY}identities/{linked(alice).id}/unlink/"
    assert "Google" in text(alices.get(SECURITY))
    assert leads_to(alices.post(path)) == (303, SECURITY)
    assert not alice.identities.exists()


def test_P17_the_last_linked_sign_in_stays(alices: Browser, alice: User) -> None:
    identity = linked(alice)
    without_password(alice)
    alices.post(f"{SECURITY}identities/{identity.id}/unlink/")
    assert alice.identities.count() == 1


def test_B10_somebody_elses_linked_sign_in_is_not_there(alices: Browser, bob: User) -> None:
    for identity_id in (linked(bob).id, uuid.uuid4()):
        assert alices.post(f"{SECURITY}identities/{identity_id}/unlink/").status_code == 404
    assert bob.identities.count() == 1
