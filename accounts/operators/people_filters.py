"""Filters of the list of people: by role, by state, by when somebody was last seen."""

from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.contrib.auth.models import Group
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.devices.models import Device
from accounts.users.models import User


class RoleFilter(SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        names = list(Group.objects.order_by("name").values_list("pk", "name"))
        return [("superuser", "Superuser"), *((str(key), name) for key, name in names), ("none", "No role")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        value = self.value()
        if value == "superuser":
            return queryset.filter(is_superuser=True)
        if value == "none":
            return queryset.filter(groups=None, is_superuser=False)
        offered = {key for key, _ in self.lookup_choices}
        return queryset.filter(groups=int(value)) if value and value in offered else queryset


class StateFilter(SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("active", "Active"),
            ("unverified", "Unverified"),
            ("disabled", "Disabled"),
            ("leaving", "Leaving"),
            ("guest", "Guest"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        wanted = {
            "active": Q(is_active=True, deletion_due_at=None, email_verified_at__isnull=False),
            "unverified": Q(is_active=True, deletion_due_at=None, email_verified_at=None, email__isnull=False),
            "disabled": Q(is_active=False),
            "leaving": Q(is_active=True, deletion_due_at__isnull=False),
            "guest": Q(is_active=True, deletion_due_at=None, email=None),
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class LastSeenFilter(SimpleListFilter):
    """By the devices: an `EXISTS` on (user, last seen), so that no aggregate runs over everybody."""

    title = "last seen"
    parameter_name = "seen"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            *(("1", "Last 24 hours"), ("7", "Last 7 days"), ("30", "Last 30 days")),
            *(("away", "Not for 90 days"), ("never", "On no device")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        theirs = Device.objects.filter(user=OuterRef("pk"))
        match self.value():
            case "1" | "7" | "30" as days:
                return queryset.filter(Exists(theirs.filter(last_seen_at__gte=_days_ago(int(days)))))
            case "away":
                return queryset.filter(Exists(theirs), ~Exists(theirs.filter(last_seen_at__gte=_days_ago(90))))
            case "never":
                return queryset.filter(~Exists(theirs))
            case _:
                return queryset


def _days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)
