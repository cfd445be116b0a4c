"""The options of a sign-in: useful to the owner, and no answer to "does this address have an account" (SECURITY P-16)."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.passkeys import allowed, authentication, registration
from accounts.tokens import sealed
from accounts.users.models import User
from tests.passkeys.conftest import register
from tests.support.authenticator import Authenticator
from tests.support.forge import b64, opened


def allow_of(email: str) -> list[dict[str, Any]]:
    return list(authentication.options(email)["publicKey"]["allowCredentials"])


def shape(value: Any) -> Any:
    """The same structure with the types of the leaves."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in sorted(value.items())}
    return [shape(member) for member in value] if isinstance(value, list) else type(value).__name__


def test_P16_known_unknown_and_passkeyless_addresses_look_alike(alice: User, bob: User) -> None:
    register(alice, Authenticator(transports=["internal", "hybrid"]))
    answers = [authentication.options(email) for email in (alice.email, bob.email, "stranger@example.com")]
    assert [len(answer["publicKey"]["allowCredentials"]) for answer in answers] == [1, 1, 1]
    for answer in answers:
        answer["publicKey"]["allowCredentials"][0].setdefault("transports", ["internal"])
        answer["publicKey"]["allowCredentials"][0]["transports"] = ["one"]
    assert shape(answers[0]) == shape(answers[1]) == shape(answers[2])
    assert len({len(opened(answer["challenge"])[1]["subject"]) for answer in answers}) == 1


def test_P16_an_invented_list_is_the_same_each_time_and_in_each_spelling(db: None) -> None:
    first = allow_of("stranger@example.com")
    assert [allow_of(email) for email in ("stranger@example.com", " Stranger@Example.COM ")] == [first, first]
    assert allow_of("another@example.com") != first


def test_P16_an_address_gains_nothing_by_having_an_account(bob: User) -> None:
    before = allow_of(bob.email)
    bob.delete()
    assert allow_of(bob.email) == before


def test_P16_invented_ids_have_lengths_and_transports_of_real_ones(db: None) -> None:
    made = [allowed.for_address(f"stranger{number}@example.com")[0] for number in range(200)]
    lengths = Counter(len(one.id) for one in made)
    assert set(lengths) == {16, 20, 32, 48}
    assert min(lengths.values()) > 5
    assert {one.transports is None for one in made} == {True, False}


def test_P16_known_and_unknown_cost_the_same_query(alice: User, phone: Authenticator) -> None:
    costs = []
    for email in (alice.email, "stranger@example.com"):
        with CaptureQueriesContext(connection) as queries:
            authentication.options(email)
        costs.append(len(queries))
    assert costs == [1, 1]


def test_P16_the_challenge_names_nobody(alice: User, phone: Authenticator) -> None:
    for email in (alice.email, ""):
        claims = str(sealed.unseal(sealed.SealedPurpose("passkey+jwt", 300), authentication.options(email)["challenge"]))
        assert alice.email not in claims
        assert str(alice.id) not in claims


def test_P16_without_an_address_nothing_is_listed(alice: User, phone: Authenticator) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert allow_of("") == []
    assert len(queries) == 0


def test_P16_the_owner_gets_their_real_list(alice: User, bob: User) -> None:
    mine = [Authenticator(), Authenticator(transports=["usb", "nfc"])]
    for authenticator in (*mine, Authenticator()):
        register(bob if authenticator not in mine else alice, authenticator)
    assert allow_of(alice.email) == [
        {"id": b64(one.credential_id), "type": "public-key", "transports": one.transports} for one in mine
    ]


@pytest.mark.parametrize("transports", [["internal", "made-up", 7, ["usb"], "internal"], "usb", None, []])
def test_transports_are_kept_when_known(alice: User, transports: Any) -> None:
    passkey = register(alice, Authenticator(), transports=transports)
    assert passkey.transports in (["internal"], [])
    assert allow_of(alice.email)


def test_registration_asks_for_a_discoverable_key_and_no_attestation(alice: User, phone: Authenticator) -> None:
    asked = registration.options(alice)["publicKey"]
    assert asked["authenticatorSelection"]["residentKey"] == "required"
    assert asked["authenticatorSelection"]["userVerification"] == "preferred"
    assert asked["attestation"] == "none"
    assert [one["alg"] for one in asked["pubKeyCredParams"]] == [-7, -8, -257]
    assert asked["user"] == {"id": b64(alice.id.bytes), "name": alice.email, "displayName": "Alice"}
    assert asked["rp"] == {"id": "testserver", "name": "Signet"}
    assert [one["id"] for one in asked["excludeCredentials"]] == [b64(phone.credential_id)]
