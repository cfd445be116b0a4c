"""Clients: registered, changed, given a new secret, stopped. A secret is shown once, on the answer that made it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.core.errors import InvalidInput
from accounts.core.requests import source
from accounts.oidc import clients
from accounts.oidc.models import Client, ClientSecret
from accounts.users.models import User

from . import cells, client_sections
from .client_forms import SHAPED, ClientForm
from .page import Page, post_only, staff

_FACTS = ("short_id", "state_word", "last_used", "secrets_in_force", "created_at")


@admin.register(Client)
class ClientPage(Page):
    """Only superusers register and change clients: whoever shapes one decides where codes go."""

    form = ClientForm
    list_display = ("name", "short_id", "authentication", "state_word", "last_used", "created_at")
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

    def get_fieldsets(self, request: HttpRequest, obj: Client | None = None) -> Any:
        shaped = ("Registration" if obj else None, {"fields": SHAPED})
        return [(None, {"fields": _FACTS}), shaped] if obj else [shaped]

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
        shown: dict[str, Any] = {"may_act": staff(request).is_superuser, "show_save_and_add_another": False}
        client = self.get_object(request, object_id)
        if client is not None:
            names_people = self.admin_site.get_model_admin(User).has_view_permission(request)
            shown["sections"] = client_sections.of(client, names_people=names_people)
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

    @admin.display(description="Last used", ordering="last_used_at")
    def last_used(self, client: Client) -> str:
        return cells.ago(client.last_used_at)

    @admin.display(description="Secrets in force")
    def secrets_in_force(self, client: Client) -> str:
        return "; ".join(map(_words, clients.secrets_in_force(client))) or "None"


def _words(secret: ClientSecret) -> str:
    until = f", until {secret.expires_at:%Y-%m-%d %H:%M} UTC" if secret.expires_at else ""
    return f"made {secret.created_at:%Y-%m-%d}{until}"
