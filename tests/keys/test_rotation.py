"""Rotation and emergencies, one at a time and twenty at once (SECURITY K-07, K-08)."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.keys import material, rotation
from accounts.keys.models import SigningKey
from accounts.revocations.models import Revocation
from tests.support import forge
from tests.support.keys import age, ripen

pytestmark = pytest.mark.django_db
State = SigningKey.State


def states() -> list[str]:
    return sorted(SigningKey.objects.values_list("state", flat=True))


def test_first_start_makes_an_active_and_a_next_key(db: None) -> None:
    SigningKey.objects.all().delete()
    rotation.ensure("ES256")
    assert states() == ["active", "next"]
    assert not rotation.ensure("ES256")


def test_rotation_moves_every_key_one_step(db: None) -> None:
    ripen()
    active, waiting = (SigningKey.objects.get(state=state).kid for state in (State.ACTIVE, State.NEXT))
    report = rotation.rotate("ES256")
    assert (report.activated, report.retired) == ([waiting], [active])
    assert states() == ["active", "next", "retired"]


def test_rotation_is_recorded_and_announced(db: None) -> None:
    ripen()
    told = Revocation.objects.filter(kind="keys").count()
    rotation.rotate("ES256")
    assert Revocation.objects.filter(kind="keys").count() == told + 1
    details = AuditEvent.objects.filter(event=Event.KEYS_ROTATED).latest("id").details
    assert details["activated"] == [forge.active_key().kid]


def test_rotation_without_a_next_key_publishes_one_and_waits(db: None) -> None:
    active = forge.active_key().kid
    SigningKey.objects.filter(state=State.NEXT).delete()
    report = rotation.rotate("ES256")
    assert (report.activated, len(report.published)) == ([], 1)
    assert forge.active_key().kid == active
    assert states() == ["active", "next"]


def test_worker_waits_for_an_unripe_key(db: None) -> None:
    SigningKey.objects.filter(state=State.ACTIVE).update(activated_at=F("activated_at") - timedelta(days=91))
    assert not rotation.rotate_if_due("ES256")
    ripen()
    assert rotation.rotate_if_due("ES256")


def test_worker_makes_the_keys_of_a_new_installation(db: None) -> None:
    SigningKey.objects.all().delete()
    assert rotation.rotate_if_due("Ed25519")
    assert states() == ["active", "next"]


def test_K07_emergency_by_command(db: None) -> None:
    kid, waiting = forge.active_key().kid, SigningKey.objects.get(state=State.NEXT).kid
    out = StringIO()
    call_command("rotate_keys", "--emergency", kid, stdout=out)
    assert kid in out.getvalue()
    assert forge.active_key().kid == waiting
    assert states() == ["active", "gone", "next"]
    assert Revocation.objects.filter(kind="kid", value=kid).exists()
    assert AuditEvent.objects.filter(event=Event.KEY_PULLED, details__kid=kid).exists()


def test_K07_every_kid_can_be_typed_behind_an_option() -> None:
    made = [material.generate("Ed25519").public_key() for _ in range(500)]
    assert not any(material.thumbprint(material.public_jwk(public)).startswith("-") for public in made)


def test_K07_emergency_without_a_next_key_makes_one_that_signs(db: None) -> None:
    SigningKey.objects.filter(state=State.NEXT).delete()
    rotation.pull(forge.active_key().kid)
    assert states() == ["active", "gone", "next"]


def test_K07_pulling_a_key_that_waits_leaves_the_active_one(db: None) -> None:
    active, waiting = forge.active_key().kid, SigningKey.objects.get(state=State.NEXT).kid
    rotation.pull(waiting)
    assert forge.active_key().kid == active
    assert states() == ["active", "gone", "next"]


def test_R29_unknown_key_is_an_error(db: None) -> None:
    with pytest.raises(CommandError):
        call_command("rotate_keys", "--emergency", "no-such-key")


@pytest.mark.parametrize("state", [State.ACTIVE, State.NEXT])
def test_K08_the_database_allows_one_of_each(db: None, state: str) -> None:
    row = SigningKey.objects.get(state=state)
    row.kid = "second"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_K08_of_twenty_at_once_one_activates(transactional_db: None) -> None:
    ripen()
    gate = threading.Barrier(20)
    reports: list[rotation.Report] = []
    refused: list[BaseException] = []

    def rotate() -> None:
        gate.wait()
        try:
            reports.append(rotation.rotate("ES256"))
        except rotation.NotRipe as late:
            refused.append(late)
        finally:
            connection.close()

    threads = [threading.Thread(target=rotate) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(reports) + len(refused) == 20
    assert [report.activated for report in reports if report.activated] == [[forge.active_key().kid]]
    assert states() == ["active", "next", "retired"]


def test_destroyed_keys_are_announced(db: None) -> None:
    ripen()
    rotation.rotate("ES256")
    age(timedelta(seconds=661))
    report = rotation.destroy_expired()
    assert len(report.gone) == 1
    assert Revocation.objects.filter(kind="keys").exists()
