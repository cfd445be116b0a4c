"""The audit trail: read, filtered and searched; never written or deleted here."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest

from accounts.audit.events import Event
from accounts.audit.models import AuditEvent
from accounts.users.email import normalise
from accounts.users.models import User

from . import cells
from .filters import SinceFilter
from .page import ReadOnlyPage


class OccurredFilter(SinceFilter):
    title = "when"
    parameter_name = "when"
    field = "occurred_at"


class EventFilter(admin.SimpleListFilter):
    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in Event.values]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        return queryset.filter(event=self.value()) if self.value() in Event.values else queryset


@admin.register(AuditEvent)
class AuditEventPage(ReadOnlyPage):
    """Who did what to whom, when and from where."""

    list_display = ("occurred", "name", "outcome_word", "subject", "actor", "address")
    list_display_links = ("occurred", "name")
    list_filter = (OccurredFilter, "outcome", EventFilter)
    filters = ("when", "outcome__exact", "event")
    search_fields = ("id",)
    search_help_text = "The id of a person, device, event or request, an e-mail address, a role or a key."
    ordering = ("-id",)
    fields = ("name", "outcome", "occurred_at", "subject", "actor", "device", "address", "user_agent", "request_id", "more")
    readonly_fields = ("name", "subject", "actor", "device", "more")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEvent]:
        events: QuerySet[AuditEvent] = super().get_queryset(request)
        return events.annotate(subject_email=_email_of("subject_id"), actor_email=_email_of("actor_id"))

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        return queryset.filter(_matching(search_term.strip())) if search_term.strip() else queryset, False

    @admin.display(description="Occurred", ordering="id")
    def occurred(self, event: AuditEvent) -> str:
        return cells.ago(event.occurred_at)

    @admin.display(description="Event", ordering="event")
    def name(self, event: AuditEvent) -> str:
        return cells.code(event.event)

    @admin.display(description="Device")
    def device(self, event: AuditEvent) -> str:
        return cells.device(event.device_id)

    @admin.display(description="Outcome")
    def outcome_word(self, event: AuditEvent) -> str:
        return cells.state(event.outcome, "good" if event.outcome == AuditEvent.Outcome.SUCCESS else "bad")

    @admin.display(description="Person")
    def subject(self, event: AuditEvent) -> str:
        return cells.person(event.subject_id, event.subject_email)  # type: ignore[attr-defined]

    @admin.display(description="Done by")
    def actor(self, event: AuditEvent) -> str:
        return cells.person(event.actor_id, event.actor_email)  # type: ignore[attr-defined]

    @admin.display(description="Details")
    def more(self, event: AuditEvent) -> str:
        return cells.pretty(event.details)


def _email_of(field: str) -> Subquery:
    return Subquery(User.objects.filter(id=OuterRef(field)).values("email")[:1])


def _matching(term: str) -> Q:
    try:
        wanted = uuid.UUID(term)
    except ValueError:
        if "@" in term:
            person = User.objects.filter(email=normalise(term)).values("id")
            return Q(subject_id__in=person) | Q(actor_id__in=person)
        return Q(request_id=term) | Q(details__group=term) | Q(details__kid=term)
    by_id = Q(id=wanted) | Q(subject_id=wanted) | Q(actor_id=wanted) | Q(device_id=wanted)
    return by_id | Q(request_id__in=[term, wanted.hex])
