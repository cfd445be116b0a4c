"""Clients: registered, changed, given a new secret, stopped. A secret is shown once, on the answer that made it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts.core.errors import InvalidInput
from accounts.core.requests import source
from accounts.devices.models import Device
from accounts.oidc import clients, troubles
from accounts.oidc.models import Client, ClientSecret

from . import cells
from .client_forms import SHAPED, ClientForm
from .page import Page, post_only, staff

_FACTS = ("id", "state_word", "people", "signed_in", "last_used", "troubles_of_today", "secrets_in_force", "created_at")


@admin.register(Client)
class ClientPage(Page):
    """Only superusers register and change clients: whoever shapes one decides where codes go."""

    form = ClientForm
    list_display = ("name", "short_id", "authentication", "state_word", "created_at")
    list_filter = ("is_active", "authentication")
    filters = ("is_active__exact", "authentication__exact")
    search_fields = ("name", "id")
    search_help_text = "The client's name or id."
    ordering = ("name",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<str:client_id>/rotate-secret/", view(self.rotate_secret), name="accounts_client_rotate_secret"),
            path("<str:client_id>/switch/", view(self.switch), name="accounts_client_switch"),
            *super().get_urls(),
        ]

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> Any:
        return (*SHAPED, *_FACTS) if obj else SHAPED

    def get_readonly_fields(self, request: HttpRequest, obj: Client | None = None) -> Any:
        return _FACTS if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return staff(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Stopped instead: what it did stays explained."""
        return False

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**shown, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        shown = {"may_act": staff(request).is_superuser, "show_save_and_add_another": False}
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        actor, where = staff(request).id, source(request)
        if change:
            clients.update(obj.id, form.asked(), actor=actor, source=where)
            return
        made, request._secret = clients.register(form.asked(), actor=actor, source=where)  # type: ignore[attr-defined]
        obj.pk = made.pk

    def response_add(self, request: HttpRequest, obj: Client, post_url_continue: str | None = None) -> HttpResponse:
        """Not by way of a message: that would be a secret in a cookie."""
        return self._show_secret(request, Client.objects.get(id=obj.pk), request._secret)  # type: ignore[attr-defined]

    @post_only("admin:accounts_client_change", "client_id")
    def rotate_secret(self, request: HttpRequest, client_id: str) -> HttpResponse:
        """The one before opens for another week."""
        client = self._changeable(request, client_id)
        try:
            secret = clients.rotate_secret(client.id, actor=staff(request).id, source=source(request))
        except InvalidInput as problem:
            self.message_user(request, problem.says, messages.WARNING)
            return redirect("admin:accounts_client_change", client.id)
        return self._show_secret(request, client, secret)

    @post_only("admin:accounts_client_change", "client_id")
    def switch(self, request: HttpRequest, client_id: str) -> HttpResponse:
        client = self._changeable(request, client_id)
        clients.switch(client.id, on=not client.is_active, actor=staff(request).id, source=source(request))
        self.message_user(request, f"{client} {'has been stopped' if client.is_active else 'may go on'}.", messages.SUCCESS)
        return redirect("admin:accounts_client_change", client.id)

    def _changeable(self, request: HttpRequest, client_id: str) -> Client:
        if not self.has_change_permission(request):
            raise PermissionDenied
        return get_object_or_404(Client, id=client_id)

    def _show_secret(self, request: HttpRequest, client: Client, secret: str) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": str(client), "opts": self.opts, "original": client}
        return TemplateResponse(request, "admin/accounts/client/secret.html", {**context, "secret": secret})

    @admin.display(description="Client id", ordering="id")
    def short_id(self, client: Client) -> str:
        return cells.code(client.id)

    @admin.display(description="State", ordering="is_active")
    def state_word(self, client: Client) -> str:
        return cells.state("Active", "good") if client.is_active else cells.state("Stopped", "bad")

    @admin.display(description="People who have let it in")
    def people(self, client: Client) -> str:
        return str(client.consents.count())

    @admin.display(description="People signed in now")
    def signed_in(self, client: Client) -> str:
        """The ten who came last, whether they had to say yes or not."""
        current = timezone.now()
        live = Device.objects.filter(client_id=client.id, revoked_at=None, idle_expires_at__gt=current, expires_at__gt=current)
        count = live.values("user_id").distinct().count()
        lines = (
            (reverse("admin:accounts_user_change", args=[device.user_id]), device.user, cells.ago(device.last_seen_at))
            for device in live.select_related("user").order_by("-last_seen_at")[:10]
        )
        return format_html("<p>{}</p>{}", count, format_html_join("", '<p><a href="{}">{}</a> · {}</p>', lines))

    @admin.display(description="Last used")
    def last_used(self, client: Client) -> str:
        newest = Device.objects.filter(client_id=client.id).order_by("-last_seen_at").first()
        return cells.ago(newest.last_seen_at if newest else None)

    @admin.display(description="Refused in the last day")
    def troubles_of_today(self, client: Client) -> str:
        return format_html_join("", "<p>{}</p>", ((line,) for line in troubles.of_last_day(client))) or "–"

    @admin.display(description="Secrets in force")
    def secrets_in_force(self, client: Client) -> str:
        return "; ".join(map(_words, clients.secrets_in_force(client))) or "None"


def _words(secret: ClientSecret) -> str:
    until = f", until {secret.expires_at:%Y-%m-%d %H:%M} UTC" if secret.expires_at else ""
    return f"made {secret.created_at:%Y-%m-%d}{until}"
