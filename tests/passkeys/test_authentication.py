"""What a genuine assertion is worth, and what it tells about the key (SECURITY P-25, P-26)."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.core.errors import InvalidCredential
from accounts.passkeys import authentication
from accounts.passkeys.models import Passkey
from accounts.revocations import publish
from accounts.users.models import User
from tests.passkeys.conftest import HERE, confirm, prove, register
from tests.support.authenticator import BE, BS, UP, UV, Authenticator

Enrol = Callable[..., Authenticator]


def alarms() -> list[dict[str, Any]]:
    return list(AuditEvent.objects.filter(event=Event.PASSKEY_COUNTER_WENT_BACK).values_list("details", flat=True))


@pytest.mark.parametrize(
    ("flags", "acr", "amr"),
    [
        (UP | UV, "aal2", ("hwk", "user", "mfa")),
        (UP, "aal1", ("hwk", "user")),
        (UP | UV | BE | BS, "aal2", ("swk", "user", "mfa")),
        (UP | BE, "aal1", ("swk", "user")),
    ],
)
def test_P25_user_verification_decides_the_strength(
    alice: User, enrolled: Enrol, flags: int, acr: str, amr: tuple[str, ...]
) -> None:
    authenticator = enrolled(alice, flags=flags)
    proof = prove(authenticator)
    assert (proof.acr, proof.amr) == (acr, amr)
    shown = confirm(alice, authenticator)
    assert (shown.uv, shown.acr, shown.amr) == (acr == "aal2", acr, amr)


def test_P25_each_use_is_judged_by_itself(alice: User, phone: Authenticator) -> None:
    assert [prove(phone, flags=flags).acr for flags in (UP | UV, UP, UP | UV)] == ["aal2", "aal1", "aal2"]


def test_proof_carries_the_epoch_of_the_row(alice: User, phone: Authenticator) -> None:
    before = prove(phone)
    publish.users_stale([alice.id])
    alice.refresh_from_db()
    after = prove(phone)
    assert (before.epoch, after.epoch) == (alice.epoch - 1, alice.epoch)
    assert abs(after.auth_time - time.time()) < 5


def test_use_is_remembered(alice: User, enrolled: Enrol) -> None:
    authenticator = enrolled(alice, flags=UP | UV | BE)
    assert (alice.passkeys.get().last_used_at, alice.passkeys.get().backed_up) == (None, False)
    prove(authenticator, flags=UP | UV | BE | BS, counter=4)
    used = alice.passkeys.get()
    assert used.last_used_at is not None
    assert (used.backed_up, used.sign_count) == (True, 4)


@pytest.mark.parametrize(("made", "used"), [(UP | UV, UP | UV | BE), (UP | UV | BE, UP | UV)])
def test_P26_backup_eligibility_never_changes(alice: User, enrolled: Enrol, made: int, used: int) -> None:
    authenticator = enrolled(alice, flags=made)
    with pytest.raises(InvalidCredential):
        prove(authenticator, flags=used)
    assert prove(authenticator).user_id == alice.id


@pytest.mark.parametrize("counter", [0, 1, 6, 7])
def test_P26_a_counter_that_goes_back_is_refused_and_reported(alice: User, enrolled: Enrol, counter: int) -> None:
    authenticator = enrolled(alice, counter=3)
    prove(authenticator, counter=7)
    with pytest.raises(InvalidCredential):
        prove(authenticator, counter=counter)
    assert alarms() == [{"passkey": str(alice.passkeys.get().id), "stored": 7, "presented": counter}]
    assert prove(authenticator, counter=8).user_id == alice.id


def test_P26_a_confirmation_is_held_to_the_counter_too(alice: User, enrolled: Enrol) -> None:
    authenticator = enrolled(alice, counter=3)
    with pytest.raises(InvalidCredential):
        confirm(alice, authenticator, counter=3)
    assert len(alarms()) == 1
    assert confirm(alice, authenticator, counter=4).uv


def test_P26_only_a_genuine_signature_raises_an_alarm(alice: User, enrolled: Enrol) -> None:
    authenticator = enrolled(alice, counter=3)
    with pytest.raises(InvalidCredential):
        prove(authenticator, counter=1, signature=b"forged")
    assert alarms() == []


def test_P26_a_synced_key_may_count_as_it_likes(alice: User, enrolled: Enrol) -> None:
    authenticator = enrolled(alice, flags=UP | UV | BE, counter=5)
    assert [prove(authenticator, counter=counter).user_id for counter in (9, 2, 0)] == [alice.id] * 3
    assert alarms() == []


def test_P26_a_key_that_does_not_count_is_taken(alice: User, phone: Authenticator) -> None:
    assert [prove(phone, counter=0).user_id for _ in range(3)] == [alice.id] * 3


class Meeting(dict[str, Any]):
    """An answer that is looked into when all of them have found their row."""

    place: threading.Barrier

    def __getitem__(self, name: str) -> Any:
        self.place.wait(timeout=10)
        return super().__getitem__(name)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_P26_of_many_answers_with_one_counter_one_proves() -> None:
    user = User.objects.create_user("race@example.com")
    authenticator = Authenticator(counter=1)
    register(user, authenticator)
    Meeting.place = threading.Barrier(4)
    asked = [authentication.options() for _ in range(4)]
    answers = [(one["challenge"], Meeting(authenticator.get(one["publicKey"], counter=2))) for one in asked]
    outcomes: list[str] = []

    def present(challenge: str, answer: Meeting) -> None:
        try:
            authentication.prove(challenge, answer, source=HERE)
            outcomes.append("proved")
        except InvalidCredential:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=present, args=answer) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["proved", "refused", "refused", "refused"]
    assert Passkey.objects.get().sign_count == 2
