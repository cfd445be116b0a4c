"""Joining with a passkey and no password (SECURITY P-13, L-10)."""

from typing import Any

import pytest

from accounts.passkeys.models import Passkey
from accounts.tokens import access
from accounts.users.models import User
from tests.support.app import App
from tests.support.authenticator import Authenticator
from tests.support.mailbox import last_letter, letters
from tests.support.ways import (
    AUTHENTICATE,
    OPTIONS,
    SIGN_UP,
    SIGN_UP_OPTIONS,
    WITHOUT_UV,
    outcome,
    passkey_answer,
    verify_by_code,
)

pytestmark = pytest.mark.usefixtures("db")
CAROL = "carol@example.com"


def asked(email: str = CAROL, **body: Any) -> dict[str, Any]:
    answer = App().post(SIGN_UP_OPTIONS, {"email": email, **body})
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def made(key: Authenticator, options: dict[str, Any], **lies: Any):
    return App().post(SIGN_UP, {"challenge": options["challenge"], "credential": key.create(options["publicKey"], **lies)})


def test_passkey_joins_and_the_code_brings_tokens() -> None:
    key, options = Authenticator(), asked(name="Carol")
    assert options["publicKey"]["user"]["name"] == CAROL
    assert options["publicKey"]["user"]["displayName"] == "Carol"
    answer = made(key, options)
    assert (answer.status_code, set(answer.json())) == (202, {"detail", "registration"})
    assert outcome(App().post(AUTHENTICATE, passkey_answer(key))) == (401, "email_unverified")
    assert verify_by_code(CAROL).status_code == 200
    pair = App().post(AUTHENTICATE, passkey_answer(key))
    assert access.verify(pair.json()["access"]).grant.acr == "aal2"
    carol = User.objects.get()
    assert (carol.name, carol.has_usable_password(), key.user_handle) == ("Carol", False, carol.id.bytes)


def test_challenge_is_good_once() -> None:
    key, options = Authenticator(), asked()
    assert made(key, options).status_code == 202
    assert outcome(made(Authenticator(), options)) == (401, "challenge_invalid")
    assert Passkey.objects.count() == 1


@pytest.mark.parametrize(
    "lies", [{"challenge": "AAAA"}, {"origin": "https://evil.example"}, {"rp_id": "evil.example"}, {"type": "webauthn.get"}]
)
def test_P13_credential_that_lies_makes_no_account(lies: dict[str, str]) -> None:
    assert outcome(made(Authenticator(), asked(), **lies)) == (400, "invalid_credential")
    assert not User.objects.exists()
    assert letters(CAROL) == []


def test_challenge_of_a_sign_in_is_of_no_use_here() -> None:
    options = App().post(OPTIONS, {}).json()
    body = {"challenge": options["challenge"], "credential": Authenticator().create(asked()["publicKey"])}
    assert outcome(App().post(SIGN_UP, body)) == (401, "challenge_invalid")


def test_passkey_without_verification_is_worth_one_factor() -> None:
    key = Authenticator(flags=WITHOUT_UV)
    made(key, asked())
    verify_by_code(CAROL)
    pair = App().post(AUTHENTICATE, passkey_answer(key))
    assert access.verify(pair.json()["access"]).grant.acr == "aal1"


def test_E01_known_address_is_answered_alike(alice: User) -> None:
    known, unknown = asked(str(alice.email)), asked("nolan@example.com")
    for options in (known, unknown):
        options["publicKey"]["user"].pop("id")
        options["publicKey"]["user"].update(name="", displayName="")
        options["publicKey"].pop("challenge")
        assert len(options.pop("challenge")) > 100
    assert known == unknown
    answers = [made(Authenticator(), asked(email)) for email in (str(alice.email), "nolan@example.com")]
    assert {(answer.status_code, len(answer.content), answer.json()["detail"]) for answer in answers} == {
        (202, len(answers[0].content), answers[0].json()["detail"])
    }
    assert [letter.template for letter in letters(str(alice.email))] == ["already_registered"]
    assert not Passkey.objects.filter(user_id=alice.id).exists()


def test_P15_passkey_of_somebody_opens_no_second_account(alice: User) -> None:
    key = Authenticator()
    made(key, asked())
    verify_by_code(CAROL)
    for email in ("dora@example.com", str(alice.email)):
        assert outcome(made(key, asked(email))) == (400, "invalid_credential")
    assert not User.objects.filter(email="dora@example.com").exists()


@pytest.mark.parametrize("email", ["carol", "", "a@b@example.com", "m\u0131ke@example.com"])
def test_L19_address_that_cannot_join_gets_no_options(email: str) -> None:
    assert outcome(App().post(SIGN_UP_OPTIONS, {"email": email})) == (400, "invalid")


def test_second_try_replaces_the_first() -> None:
    first, second = Authenticator(), Authenticator()
    made(first, asked())
    handle = made(second, asked()).json()["registration"]
    assert verify_by_code(CAROL, registration=handle).status_code == 200
    assert App().post(AUTHENTICATE, passkey_answer(second)).status_code == 200
    assert App().post(AUTHENTICATE, passkey_answer(first)).status_code == 400
    assert last_letter(CAROL).template == "verify_email"
