"""The options of a sign-in: useful to the owner, and no answer to "does this address have an account" (SECURITY P-16)."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.passkeys import authentication, registration
from accounts.tokens import sealed
from accounts.users.models import User
from tests.passkeys.conftest import register
from tests.support.app import PASSWORD, App
from tests.support.authenticator import Authenticator
from tests.support.browser import Browser
from tests.support.forge import b64, opened
from tests.support.pages import signed_in
from tests.support.phone import enrolled
from tests.support.ways import AUTHENTICATE, MFA, OPTIONS, TOKEN


@pytest.fixture
def alices(alice: User) -> Browser:
    return signed_in(alice)


def allow_of(email: str, known_to: User | None = None) -> list[dict[str, Any]]:
    asked = authentication.options(email, known_to=known_to.id if known_to else None)
    return list(asked["publicKey"]["allowCredentials"])


def ids(authenticators: Iterable[Authenticator]) -> list[str]:
    return [b64(one.credential_id) for one in authenticators]


def test_P16_to_a_stranger_every_address_looks_alike(alice: User, bob: User) -> None:
    """However many keys it has, and whether or not there is one."""
    for _ in range(2):
        register(alice, Authenticator(transports=["internal", "hybrid"]))
    answers = [App().post(OPTIONS, {"email": email}) for email in (alice.email, bob.email, "stranger@example.com", "")]
    bodies = [answer.json() for answer in answers]
    for body in bodies:
        body["publicKey"].pop("challenge")
        assert body["publicKey"]["allowCredentials"] == []
    assert bodies[0]["publicKey"] == bodies[1]["publicKey"] == bodies[2]["publicKey"] == bodies[3]["publicKey"]
    assert len({len(opened(body["challenge"])[1]["subject"]) for body in bodies[:3]}) == 1


def test_P16_whoever_has_an_account_here_learns_nothing_of_others(alice: User, bob: User, app: App) -> None:
    register(bob, Authenticator())
    asked = App().post(OPTIONS, {"email": bob.email, "device": {"refresh": app.refresh}})
    assert asked.json()["publicKey"]["allowCredentials"] == []


def test_P16_to_a_stranger_no_address_costs_a_query(alice: User, phone: Authenticator) -> None:
    for email in (alice.email, "stranger@example.com", ""):
        with CaptureQueriesContext(connection) as queries:
            assert allow_of(email) == []
        assert len(queries) == 0


def test_P16_the_challenge_names_nobody(alice: User, phone: Authenticator) -> None:
    for email in (alice.email, ""):
        claims = str(sealed.unseal(sealed.SealedPurpose("passkey+jwt", 300), authentication.options(email)["challenge"]))
        assert alice.email not in claims
        assert str(alice.id) not in claims


def test_the_owner_gets_their_list_where_they_were_signed_in_before(alice: User, bob: User) -> None:
    mine = [Authenticator(), Authenticator(transports=["usb", "nfc"])]
    for authenticator in (*mine, Authenticator()):
        register(bob if authenticator not in mine else alice, authenticator)
    assert allow_of(alice.email, alice) == [
        {"id": b64(one.credential_id), "type": "public-key", "transports": one.transports} for one in mine
    ]
    assert allow_of("", alice) == []


@pytest.mark.parametrize("where", ["the app", "the browser"])
def test_device_of_before_is_known_by_its_last_token_or_its_mark(
    alice: User, app: App, alices: Browser, phone: Authenticator, where: str
) -> None:
    if where == "the app":
        assert app.post("/auth/token/revoke/", {"refresh": app.refresh}).status_code == 204
        asked = App().post(OPTIONS, {"email": alice.email, "device": {"refresh": app.refresh}})
    else:
        alices.post("/account/sign-out/")
        asked = alices.send("POST", OPTIONS, {"email": alice.email})
    assert [one["id"] for one in asked.json()["publicKey"]["allowCredentials"]] == ids([phone])


def test_key_that_knows_its_owner_signs_in_anywhere_with_the_address_typed(alice: User, phone: Authenticator) -> None:
    asked = App().post(OPTIONS, {"email": alice.email}).json()
    body = {"challenge": asked["challenge"], "credential": phone.get(asked["publicKey"])}
    assert App().post(AUTHENTICATE, body).status_code == 200


def test_key_that_does_not_know_its_owner_signs_in_where_they_were_before(alice: User, app: App, phone: Authenticator) -> None:
    """It answers only to its id in the list, and names nobody."""
    here = {"device": {"refresh": app.refresh}}
    asked = App().post(OPTIONS, {"email": alice.email, **here}).json()
    assert [one["id"] for one in asked["publicKey"]["allowCredentials"]] == ids([phone])
    body = {"challenge": asked["challenge"], "credential": phone.get(asked["publicKey"], user_handle=None), **here}
    assert App().post(AUTHENTICATE, body).status_code == 200


def test_key_that_does_not_know_its_owner_is_a_second_step_anywhere(alice: User, phone: Authenticator) -> None:
    enrolled(alice)
    asked = App().post(TOKEN, {"email": alice.email, "password": PASSWORD}).json()
    assert [one["id"] for one in asked["publicKey"]["allowCredentials"]] == ids([phone])
    credential = phone.get(asked["publicKey"], user_handle=None)
    assert App().post(MFA, {"challenge": asked["challenge"], "method": "passkey", "credential": credential}).status_code == 200


@pytest.mark.parametrize("transports", [["internal", "made-up", 7, ["usb"], "internal"], "usb", None, []])
def test_transports_are_kept_when_known(alice: User, transports: Any) -> None:
    passkey = register(alice, Authenticator(), transports=transports)
    assert passkey.transports in (["internal"], [])
    assert allow_of(alice.email, alice)


def test_registration_asks_for_a_discoverable_key_and_no_attestation(alice: User, phone: Authenticator) -> None:
    asked = registration.options(alice)["publicKey"]
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert asked["attestation"] == "none"
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert asked["user"] == {"id": b64(alice.id.bytes), "name": alice.email, "displayName": "Alice"}
    assert asked["rp"] == {"id": "testserver", "name": "Signet"}
    assert [one["id"] for one in asked["excludeCredentials"]] == [b64(phone.credential_id)]
