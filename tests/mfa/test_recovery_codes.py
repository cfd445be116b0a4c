"""Recovery codes: one use, one set, one hash for a try (SECURITY P-12, P-22)."""

import re
import threading
from contextlib import suppress
from typing import Any

import pytest
from argon2 import _password_hasher, extract_parameters
from django.conf import settings
from django.db import connection

from accounts.audit.models import AuditEvent
from accounts.core.errors import NotEnrolled
from accounts.core.requests import NOWHERE, Source
from accounts.mfa import recovery_codes, totp
from accounts.mfa.models import RecoveryCode
from accounts.signin import steps
from accounts.users.models import User
from tests.mfa.test_enrolment import told
from tests.support.at_once import at_once
from tests.support.phone import Phone, enrolled

HOME = Source(address="203.0.113.9")
LONG_ENOUGH = 1.0
"""Seconds: a renewal that waits for nobody is through by then."""
FORM = re.compile(r"\d\d(-[0-9A-HJKMNP-TV-Z]{4}){4}")


def accepted(user: User, code: str) -> bool:
    return recovery_codes.accept(user.id, code, source=HOME)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each run of the Argon2 library."""
    runs: list[str] = []

    def counting(name: str) -> Any:
        original = getattr(_password_hasher, name)

        def counted(*arguments: Any, **named: Any) -> Any:
            runs.append(name)
            return original(*arguments, **named)

        return counted

    for name in ("hash_secret", "verify_secret"):
        monkeypatch.setattr(_password_hasher, name, counting(name))
    return runs


def other(code: str) -> str:
    """The same row, another secret."""
    return code[:-1] + ("Z" if code[-1] != "Z" else "Y")


def test_P12_there_are_ten_and_each_opens_once(alice: User, phone: Phone) -> None:
    assert len(set(phone.recovery_codes)) == 10
    assert [accepted(alice, code) for code in phone.recovery_codes] == [True] * 10
    assert [accepted(alice, code) for code in phone.recovery_codes] == [False] * 10
    assert recovery_codes.left(alice.id) == 0


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P12_of_many_at_once_one_is_accepted(alice: User, phone: Phone) -> None:
    code = phone.recovery_codes[3]
    assert sorted(at_once(32, lambda: accepted(alice, code))) == [False] * 31 + [True]
    assert recovery_codes.left(alice.id) == 9
    assert AuditEvent.objects.filter(event="recovery_code.used").count() == 1


def test_P12_new_set_voids_the_old_one(alice: User, phone: Phone) -> None:
    assert accepted(alice, phone.recovery_codes[0])
    renewed = recovery_codes.renew(alice.id, source=HOME)
    assert recovery_codes.left(alice.id) == 10
    assert [accepted(alice, code) for code in phone.recovery_codes] == [False] * 10
    assert [accepted(alice, code) for code in renewed] == [True] * 10


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_renewal_that_meets_a_removal_waits_for_it(alice: User, phone: Phone) -> None:
    """And never the other way round: neither would end."""

    def renew() -> None:
        try:
            with suppress(NotEnrolled):
                recovery_codes.renew(alice.id, source=HOME)
        finally:
            connection.close()

    meanwhile = threading.Thread(target=renew)
    with steps.removing(totp.FACTOR, alice.id):
        meanwhile.start()
        meanwhile.join(LONG_ENOUGH)
        totp.remove(alice.id, source=HOME)
    meanwhile.join()
    assert recovery_codes.left(alice.id) == 0


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P12_of_many_renewals_at_once_one_set_is_good(alice: User, phone: Phone) -> None:
    sets = at_once(6, lambda: recovery_codes.renew(alice.id, source=HOME))
    assert len(sets) == 6
    assert recovery_codes.left(alice.id) == 10
    assert sum(accepted(alice, codes[0]) for codes in sets) == 1


def test_P12_use_is_recorded_and_told(alice: User, phone: Phone) -> None:
    assert accepted(alice, phone.recovery_codes[9])
    event = AuditEvent.objects.get(event="recovery_code.used")
    assert (event.subject_id, event.address, event.details) == (alice.id, HOME.address, {"left": 9})
    notice = told()[-1]
    assert (notice["what"], notice["user_id"], notice["details"]["left"]) == ("recovery_code_used", str(alice.id), 9)


def test_P12_wrong_code_uses_nothing_up(alice: User, phone: Phone) -> None:
    assert not accepted(alice, other(phone.recovery_codes[0]))
    assert recovery_codes.left(alice.id) == 10
    assert accepted(alice, phone.recovery_codes[0])


def test_P12_code_of_somebody_else_is_refused(alice: User, bob: User, phone: Phone) -> None:
    bobs = enrolled(bob)
    assert not accepted(bob, phone.recovery_codes[0])
    assert (accepted(alice, phone.recovery_codes[0]), accepted(bob, bobs.recovery_codes[0])) == (True, True)


def test_renewal_is_recorded_and_told(alice: User, phone: Phone) -> None:
    recovery_codes.renew(alice.id, source=HOME)
    assert AuditEvent.objects.filter(event="recovery_codes.renewed", subject_id=alice.id).count() == 1
    assert (told()[-1]["what"], told()[-1]["details"]["factor"]) == ("factor_added", "recovery_codes")


def test_without_an_authenticator_there_is_nothing_to_renew(alice: User) -> None:
    totp.begin(alice.id, account_name="x")
    with pytest.raises(NotEnrolled):
        recovery_codes.renew(alice.id, source=NOWHERE)
    assert recovery_codes.left(alice.id) == 0


def test_P22_code_carries_its_row_and_80_bits(phone: Phone) -> None:
    assert all(FORM.fullmatch(code) for code in phone.recovery_codes)
    assert [code[:2] for code in phone.recovery_codes] == [f"{number:02}" for number in range(1, 11)]
    assert 32**16 == 2**80


def test_P22_stored_form_is_argon2id_with_a_salt_of_its_own(phone: Phone) -> None:
    stored = [row.code_hash for row in RecoveryCode.objects.order_by("row")]
    parameters = [extract_parameters(kept) for kept in stored]
    assert all(kept.startswith("$argon2id$") for kept in stored)
    cost = (min(7168, settings.ARGON2_MEMORY_COST), 1, 1)
    assert {(found.memory_cost, found.time_cost, found.parallelism) for found in parameters} == {cost}
    assert len({kept.split("$")[4] for kept in stored}) == 10
    clear = [code[3:].replace("-", "") for code in phone.recovery_codes]
    assert not [code for code in clear if any(code in kept for kept in stored)]


@pytest.mark.parametrize("case", ["right", "wrong", "used", "no such row", "somebody without codes"])
def test_P22_one_try_costs_one_hash(alice: User, bob: User, phone: Phone, hashes: list[str], case: str) -> None:
    code = phone.recovery_codes[4]
    if case == "used":
        accepted(alice, code)
    typed = {"wrong": other(code), "no such row": "99" + code[2:]}.get(case, code)
    hashes.clear()
    assert accepted(bob if case == "somebody without codes" else alice, typed) is (case == "right")
    assert len(hashes) == 1


@pytest.mark.parametrize("form", [str.lower, str.swapcase, lambda code: code.replace("-", ""), lambda code: f"  {code} "])
def test_code_may_be_typed_in_many_ways(alice: User, phone: Phone, form: Any) -> None:
    assert accepted(alice, form(phone.recovery_codes[0]))


@pytest.mark.parametrize("dash", [" ", "–", "—", "\u2011", "\u00a0", "--"])
def test_spaces_and_dashes_of_any_kind_do_not_matter(alice: User, phone: Phone, dash: str) -> None:
    assert accepted(alice, phone.recovery_codes[0].replace("-", dash))


def test_letters_that_look_like_digits_are_read_as_digits(alice: User, phone: Phone) -> None:
    misread = phone.recovery_codes[9].translate(str.maketrans("01", "oI"))
    assert misread.startswith("Io")
    assert accepted(alice, misread)
    assert accepted(alice, phone.recovery_codes[0].translate(str.maketrans("01", "Ol")))


@pytest.mark.parametrize("typed", ["", "01", "01-" + "U" * 16, "0" * 17, "0" * 19, "x" * 100_000, "\x00" * 18, "١" * 18])
def test_other_shapes_are_refused_without_a_hash(alice: User, phone: Phone, hashes: list[str], typed: str) -> None:
    assert not accepted(alice, typed)
    assert hashes == []


def test_broken_hash_opens_nothing(alice: User, phone: Phone) -> None:
    RecoveryCode.objects.filter(row=0).update(code_hash="broken")
    assert not accepted(alice, phone.recovery_codes[0])
    assert accepted(alice, phone.recovery_codes[1])
