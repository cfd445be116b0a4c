"""Signed-in devices: looked at, and signed out."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from accounts.core.requests import source
from accounts.devices import registry
from accounts.devices.models import Device
from accounts.users.models import User

from . import cells
from .filters import SinceFilter
from .page import ReadOnlyPage, post_only, require, staff

SIGN_OUT = "accounts.change_device"
_SHOWN = 25


class SeenFilter(SinceFilter):
    title = "last seen"
    parameter_name = "seen"
    field = "last_seen_at"


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Signed in"), ("ended", "Signed out"), ("expired", "Run out")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Device]) -> QuerySet[Device]:
        current = timezone.now()
        run_out = Q(idle_expires_at__lte=current) | Q(expires_at__lte=current)
        wanted = {
            "live": Q(revoked_at=None) & ~run_out,
            "ended": Q(revoked_at__isnull=False),
            "expired": Q(revoked_at=None) & run_out,
        }
        return queryset.filter(wanted.get(self.value() or "", Q()))


class KeyFilter(admin.SimpleListFilter):
    title = "key"
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("bound", "Bound to a key"), ("none", "Bound to none")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Device]) -> QuerySet[Device]:
        wanted = {"bound": ~Q(jkt=""), "none": Q(jkt="")}
        return queryset.filter(wanted.get(self.value() or "", Q()))


@admin.register(Device)
class DevicePage(ReadOnlyPage):
    """One row for each installation in which somebody is or was signed in."""

    list_display = ("label", "owner", "state_word", "seen", "last_network", "transport", "key", "signed_in")
    list_filter = (StateFilter, SeenFilter, "transport", KeyFilter)
    filters = ("state", "seen", "transport__exact", "key", "user__id__exact")
    list_select_related = ("user",)
    search_fields = ("user__email", "name")
    search_help_text = "The owner's e-mail address, the device's name or its id."
    ordering = ("-last_seen_at",)
    actions = ("sign_out",)
    fields = (
        *("owner", "state_word", "name", "platform", "client_id", "transport", "user_agent", "last_network"),
        *("scope", "acr", "amr", "jkt"),
        *("created_at", "last_seen_at", "idle_expires_at", "expires_at", "revoked_at", "ended_because", "id"),
    )
    readonly_fields = ("owner", "state_word", "id")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.sign_one_out)
        return [path("<uuid:device_id>/sign-out/", view, name="accounts_device_sign_out"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        device = self.get_object(request, object_id)
        may_sign_out = device is not None and device.is_live and self.has_sign_out_permission(request)
        return super().change_view(request, object_id, form_url, {"may_sign_out": may_sign_out, **(extra_context or {})})

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        try:
            return queryset.filter(id=uuid.UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    def has_sign_out_permission(self, request: HttpRequest) -> bool:
        return staff(request).has_perm(SIGN_OUT)

    @admin.action(description="Sign out", permissions=["sign_out"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        ended = registry.end(
            Device.objects.filter(id__in=queryset.values("id")),
            Device.Ended.SIGNED_OUT_BY_STAFF,
            actor=require(request, SIGN_OUT),
            source=source(request),
        )
        self.message_user(request, f"Signed out: {ended}.", messages.SUCCESS)

    @post_only("admin:accounts_device_change", "device_id")
    def sign_one_out(self, request: HttpRequest, device_id: uuid.UUID) -> HttpResponse:
        """The button beside a device; back to its owner."""
        actor = require(request, SIGN_OUT)
        device = get_object_or_404(Device, id=device_id)
        registry.revoke(device, Device.Ended.SIGNED_OUT_BY_STAFF, actor=actor, source=source(request))
        self.message_user(request, f"{device} has been signed out.", messages.SUCCESS)
        return redirect(f"{reverse('admin:accounts_user_change', args=[device.user_id])}#devices")

    @admin.display(description="Device", ordering="name")
    def label(self, device: Device) -> str:
        return str(device)

    @admin.display(description="Person", ordering="user__email")
    def owner(self, device: Device) -> str:
        return cells.person(device.user_id, device.user.email)

    @admin.display(description="State")
    def state_word(self, device: Device) -> str:
        return state_of(device)

    @admin.display(description="Last seen", ordering="last_seen_at")
    def seen(self, device: Device) -> str:
        return cells.ago(device.last_seen_at)

    @admin.display(description="Key")
    def key(self, device: Device) -> str:
        """Nothing is wrong with a device that is bound to none."""
        return "DPoP" if device.jkt else "–"

    @admin.display(description="Signed in", ordering="created_at")
    def signed_in(self, device: Device) -> str:
        return cells.ago(device.created_at)


def shown(user: User) -> list[Device]:
    """The newest of somebody's devices, for their page."""
    newest = list(Device.objects.filter(user=user, ends_with_browser=False).order_by("-last_seen_at")[:_SHOWN])
    for device in newest:
        device.state_word = state_of(device)  # type: ignore[attr-defined]
        device.seen = cells.ago(device.last_seen_at)  # type: ignore[attr-defined]
    return newest


def state_of(device: Device) -> str:
    if device.is_live:
        return cells.state("Signed in", "good")
    if device.revoked_at is None:
        return cells.state("Run out", "quiet")
    suspicious = device.ended_because in {Device.Ended.REFRESH_TOKEN_REUSED, Device.Ended.REFRESH_TOKEN_LOST}
    return cells.state(device.get_ended_because_display() or "Signed out", "bad" if suspicious else "quiet")
