"""Codes of an authenticator app: RFC 6238's own vectors, the window, each step once (SECURITY P-06)."""

import pytest
import time_machine
from pytest_django import Settings

from accounts.core.errors import Unavailable
from accounts.core.requests import NOWHERE
from accounts.mfa import totp
from accounts.mfa.models import Authenticator
from accounts.users.models import User
from tests.support.at_once import at_once
from tests.support.phone import Phone, with_secret

BEGAN = 1_800_000_000
# RFC 6238 Appendix B, the rows of SHA-1; their last six of eight digits.
VECTORS = {
    59: "94287082",
    1_111_111_109: "07081804",
    1_111_111_111: "14050471",
    1_234_567_890: "89005924",
    2_000_000_000: "69279037",
    20_000_000_000: "65353130",
}


@pytest.mark.parametrize("moment", VECTORS)
def test_codes_are_those_of_rfc_6238(alice: User, moment: int) -> None:
    phone = with_secret(alice, b"12345678901234567890")
    with time_machine.travel(moment, tick=False):
        assert phone.code() == VECTORS[moment][-6:]
        assert not totp.accept(alice.id, phone.wrong_code())
        assert totp.accept(alice.id, VECTORS[moment][-6:])


@pytest.mark.parametrize(("steps", "accepted"), [(-3, False), (-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_P07_one_step_either_way_and_no_further(alice: User, phone: Phone, steps: int, accepted: bool) -> None:
    with time_machine.travel(BEGAN, tick=False):
        assert totp.accept(alice.id, phone.code(steps)) is accepted
        assert totp.accept(alice.id, phone.code()) is (steps <= -1 or steps > 1)


@pytest.mark.both_databases
def test_P06_code_is_accepted_once(alice: User, phone: Phone) -> None:
    with time_machine.travel(BEGAN, tick=False) as clock:
        code = phone.code()
        assert [totp.accept(alice.id, code) for _ in range(3)] == [True, False, False]
        clock.shift(30)
        assert not totp.accept(alice.id, code)
        assert totp.accept(alice.id, phone.code())


def test_P06_older_step_is_refused_after_a_newer_one(alice: User, phone: Phone) -> None:
    with time_machine.travel(BEGAN, tick=False):
        assert totp.accept(alice.id, phone.code())
        assert not totp.accept(alice.id, phone.code(-1))
        assert totp.accept(alice.id, phone.code(1))
        assert not totp.accept(alice.id, phone.code())


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P06_of_many_at_once_one_is_accepted(alice: User, phone: Phone) -> None:
    code = phone.code()
    assert sorted(at_once(32, lambda: totp.accept(alice.id, code))) == [False] * 31 + [True]


def test_P06_code_of_the_enrolment_is_used_up(alice: User) -> None:
    with time_machine.travel(BEGAN, tick=False):
        phone = Phone(totp.begin(alice.id, account_name="x").secret)
        totp.confirm(alice.id, phone.code(), source=NOWHERE)
        assert not totp.accept(alice.id, phone.code())
        assert totp.accept(alice.id, phone.code(1))


def test_P06_code_that_two_steps_share_is_good_for_the_newer(alice: User) -> None:
    phone = with_secret(alice, b"12345678901234567890")
    with time_machine.travel(62_075_368 * 30, tick=False) as clock:
        assert phone.code() == phone.code(1) == "235522"
        assert totp.accept(alice.id, "235522")
        for _ in range(2):
            clock.shift(30)
            assert not totp.accept(alice.id, "235522")


@pytest.mark.parametrize("typed", [" {0} {1} ", "{0}-{1}", " {0}\u2011{1}\u00a0"])
def test_code_may_be_typed_in_two_halves(alice: User, phone: Phone, typed: str) -> None:
    code = phone.code()
    assert totp.accept(alice.id, typed.format(code[:3], code[3:]))


@pytest.mark.parametrize("shape", ["{:.5}", "{}0", "0{}", "{}\x00", "+{:.5}", "", "{:.3}-{:.3}", "a{:.5}"])
def test_other_shapes_are_refused(alice: User, phone: Phone, shape: str) -> None:
    assert not totp.accept(alice.id, shape.format(phone.code(), phone.code()))
    assert totp.accept(alice.id, phone.code())


def test_digits_of_other_scripts_are_refused(alice: User, phone: Phone) -> None:
    arabic = "".join(chr(0x0660 + int(digit)) for digit in phone.code())
    assert not totp.accept(alice.id, arabic)
    assert totp.accept(alice.id, phone.code())


def test_code_of_somebody_else_is_refused(alice: User, bob: User, phone: Phone) -> None:
    with_secret(bob, b"12345678901234567890")
    assert not totp.accept(bob.id, phone.code())
    assert totp.accept(alice.id, phone.code())


def test_nobody_is_let_in_without_an_authenticator(alice: User, bob: User, phone: Phone) -> None:
    assert not totp.accept(bob.id, phone.code())


def test_last_use_is_remembered(alice: User, phone: Phone) -> None:
    assert Authenticator.objects.get().last_used_at is None
    totp.accept(alice.id, phone.wrong_code())
    assert Authenticator.objects.get().last_used_at is None
    totp.accept(alice.id, phone.code())
    assert Authenticator.objects.get().last_used_at is not None


def test_missing_key_is_our_trouble_and_not_a_wrong_code(alice: User, phone: Phone, settings: Settings) -> None:
    kept = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["bm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm5ubm4="]
    with pytest.raises(Unavailable):
        totp.accept(alice.id, phone.code())
    settings.ENCRYPTION_KEYS = kept
    assert totp.accept(alice.id, phone.code())
