"""A challenge is good for one purpose, one person, five minutes and one try (SECURITY P-13, P-14)."""

import time
from typing import Any

import pytest
import time_machine

from accounts.core.errors import ChallengeInvalid, InvalidCredential
from accounts.passkeys import authentication, challenges, registration
from accounts.passkeys.challenges import Purpose
from accounts.passkeys.models import Passkey
from accounts.tokens import sealed
from accounts.users.models import User
from tests.passkeys.conftest import HERE, register
from tests.support.authenticator import Authenticator


def registered(user: User, token: str, asked: dict[str, Any]) -> Passkey:
    return registration.register(user, token, Authenticator().create(asked["publicKey"]), source=HERE)


def test_P14_a_registration_challenge_is_good_once(alice: User) -> None:
    asked = registration.options(alice)
    registered(alice, asked["challenge"], asked)
    with pytest.raises(ChallengeInvalid):
        registered(alice, asked["challenge"], asked)
    assert alice.passkeys.count() == 1


def test_P14_a_refused_answer_uses_it_up_too(alice: User) -> None:
    asked = registration.options(alice)
    with pytest.raises(InvalidCredential):
        registration.register(alice, asked["challenge"], {}, source=HERE)
    with pytest.raises(ChallengeInvalid):
        registered(alice, asked["challenge"], asked)


def test_P14_a_registration_challenge_of_somebody_else_is_refused_and_stays_theirs(alice: User, bob: User) -> None:
    asked = registration.options(alice)
    with pytest.raises(ChallengeInvalid):
        registered(bob, asked["challenge"], asked)
    assert registered(alice, asked["challenge"], asked).user_id == alice.id


def test_P14_the_challenge_of_another_browser_does_not_fit_the_answer(alice: User) -> None:
    mine, planted = registration.options(alice), registration.options(alice)
    with pytest.raises(InvalidCredential):
        registered(alice, planted["challenge"], mine)
    assert registered(alice, mine["challenge"], mine)


def test_P13_an_assertion_proves_once(alice: User, phone: Authenticator) -> None:
    asked = authentication.options()
    answer = phone.get(asked["publicKey"])
    assert authentication.prove(asked["challenge"], answer, source=HERE).user_id == alice.id
    with pytest.raises(ChallengeInvalid):
        authentication.prove(asked["challenge"], answer, source=HERE)


def test_P13_an_old_answer_does_not_fit_a_new_challenge(phone: Authenticator) -> None:
    old, new = authentication.options(), authentication.options()
    with pytest.raises(InvalidCredential):
        authentication.prove(new["challenge"], phone.get(old["publicKey"]), source=HERE)
    assert authentication.prove(old["challenge"], phone.get(old["publicKey"]), source=HERE)


@pytest.mark.parametrize("made_for", Purpose)
@pytest.mark.parametrize("asked_for", Purpose)
def test_P13_a_challenge_of_one_purpose_works_for_no_other(db: None, made_for: Purpose, asked_for: Purpose) -> None:
    token = challenges.issue(made_for, subject="s").token
    if made_for is not asked_for:
        with pytest.raises(ChallengeInvalid):
            challenges.redeem(asked_for, token)
    assert challenges.redeem(made_for, token, subject="s").subject == "s"


def test_P13_a_confirmation_challenge_is_one_persons(alice: User, bob: User, phone: Authenticator) -> None:
    asked = authentication.options_to_confirm(bob.id)
    with pytest.raises(ChallengeInvalid):
        authentication.confirm(alice.id, asked["challenge"], phone.get(asked["publicKey"]))


def test_P13_a_challenge_lives_five_minutes(alice: User) -> None:
    early, late = registration.options(alice), registration.options(alice)
    with time_machine.travel(time.time() + challenges.LIFETIME - 5, tick=False):
        assert registered(alice, early["challenge"], early)
    with time_machine.travel(time.time() + challenges.LIFETIME + 1, tick=False), pytest.raises(ChallengeInvalid):
        registered(alice, late["challenge"], late)


@pytest.mark.parametrize("forge", [lambda t: "", lambda t: "a.b.c", lambda t: t[:-4] + "AAAA", lambda t: "x" * 9000])
def test_P13_a_forged_challenge_is_refused(alice: User, forge: Any) -> None:
    asked = registration.options(alice)
    with pytest.raises(ChallengeInvalid):
        registered(alice, forge(asked["challenge"]), asked)
    assert registered(alice, asked["challenge"], asked)


def test_P13_a_sealed_token_of_another_kind_is_no_challenge(alice: User) -> None:
    asked = registration.options(alice)
    claims = sealed.unseal(sealed.SealedPurpose("passkey+jwt", 300), asked["challenge"])
    other = sealed.seal(sealed.SealedPurpose("mfa+jwt", 300), {**claims, "sub": str(alice.id)})
    with pytest.raises(ChallengeInvalid):
        registered(alice, other, asked)


def test_P13_values_are_random_and_of_256_bits(db: None) -> None:
    values = {challenges.issue(Purpose.AUTHENTICATE).value for _ in range(50)}
    assert len(values) == 50
    assert {len(value) for value in values} == {32}


def test_P15_a_signed_up_key_is_one_persons(alice: User, make_user: Any) -> None:
    authenticator = Authenticator()
    asked = registration.options_for_new("new@example.com", "New")
    new = registration.verify_new(asked["challenge"], authenticator.create(asked["publicKey"]))
    assert (new.email, new.name, new.user_id.bytes) == ("new@example.com", "New", authenticator.user_handle)
    with pytest.raises(InvalidCredential):
        new.store(alice)
    user = make_user(new.email, id=new.user_id)
    assert new.store(user).user_id == user.id
    with pytest.raises(InvalidCredential):
        register(alice, authenticator)
    assert Passkey.objects.count() == 1
