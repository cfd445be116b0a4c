"""Audit events are written once and stay as they are (SECURITY G-04)."""

import uuid

import pytest
from django.db import transaction

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.audit.record import record
from accounts.core.requests import Source
from accounts.users.models import User

pytestmark = pytest.mark.django_db


def test_event_cannot_be_changed(db: None) -> None:
    record(Event.USER_CREATED)
    event = AuditEvent.objects.latest("id")
    event.outcome = "failure"
    with pytest.raises(TypeError):
        event.save()
    assert AuditEvent.objects.get(id=event.id).outcome == "success"


def test_event_cannot_be_deleted(db: None) -> None:
    record(Event.USER_CREATED)
    with pytest.raises(TypeError):
        AuditEvent.objects.latest("id").delete()


def test_event_outlives_what_it_speaks_of(alice: User) -> None:
    record(Event.USER_DISABLED, subject=alice.id, actor=alice.id)
    alice.delete()
    assert AuditEvent.objects.get(event=Event.USER_DISABLED).subject_id is not None


def test_event_and_change_commit_together(alice: User) -> None:
    with transaction.atomic():
        record(Event.USER_DISABLED, subject=alice.id)
        transaction.set_rollback(True)
    assert not AuditEvent.objects.filter(event=Event.USER_DISABLED).exists()


def test_event_keeps_where_it_came_from(db: None) -> None:
    record(
        Event.DEVICE_RENAMED, device=uuid.UUID(int=1), source=Source("203.0.113.9", "Phone", "request-1"), succeeded=False, to="x"
    )
    event = AuditEvent.objects.get(event=Event.DEVICE_RENAMED)
    assert (event.address, event.user_agent, event.request_id) == ("203.0.113.9", "Phone", "request-1")
    assert (event.outcome, event.details, event.device_id) == ("failure", {"to": "x"}, uuid.UUID(int=1))


def test_no_address_is_no_error(db: None) -> None:
    record(Event.KEYS_ROTATED, source=Source(""))
    assert AuditEvent.objects.latest("id").address is None


def test_names_read_subject_then_what_happened() -> None:
    assert all(event.value.count(".") == 1 and event.value == event.value.lower() for event in Event)
    assert len({event.value for event in Event}) == len(list(Event))


@pytest.mark.django_db(transaction=True)
def test_log_line_names_who_and_leaves_out_what_is_unknown(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", logger="signet.audit"):
        record(Event.USER_DISABLED, subject=alice.id)
    [line] = [entry.__dict__ for entry in caplog.records if entry.name == "signet.audit"]
    assert (line["subject"], line["outcome"]) == (str(alice.id), "success")
    assert not {"actor", "device"} & set(line)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("undone", "lines"), [(True, 0), (False, 1)])
def test_what_is_undone_is_not_logged(caplog: pytest.LogCaptureFixture, undone: bool, lines: int) -> None:
    with caplog.at_level("INFO", logger="signet.audit"), transaction.atomic():
        record(Event.KEYS_ROTATED)
        transaction.set_rollback(undone)
    assert len([entry for entry in caplog.records if entry.name == "signet.audit"]) == lines
