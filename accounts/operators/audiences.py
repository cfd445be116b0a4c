"""Services that tokens are for: their audience, their scopes, and as which client they ask about tokens."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from accounts.core.requests import source
from accounts.oidc import audiences
from accounts.oidc.models import Service

from .client_forms import ServiceForm
from .page import Page, staff


@admin.register(Service)
class ServicePage(Page):
    """Only superusers: a scope decides what tokens open."""

    form = ServiceForm
    list_display = ("name", "audience", "scope_names")
    search_fields = ("name", "audience")
    search_help_text = "The service's name or audience."
    ordering = ("name",)
    fields = ("audience", "name", "client", "described")

    def get_readonly_fields(self, request: HttpRequest, obj: Service | None = None) -> Any:
        return ("audience",) if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return staff(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return staff(request).is_superuser

    def save_model(self, request: HttpRequest, obj: Service, form: Any, change: bool) -> None:
        actor, where = staff(request).id, source(request)
        if change:
            audiences.update(obj.pk, form.asked(), actor=actor, source=where)
        else:
            obj.pk = audiences.register(form.asked(), actor=actor, source=where).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: the rule has set the scopes."""

    def delete_model(self, request: HttpRequest, obj: Service) -> None:
        audiences.remove(obj.pk, actor=staff(request).id, source=source(request))

    @admin.display(description="Scopes")
    def scope_names(self, service: Service) -> str:
        return " ".join(service.scopes.values_list("name", flat=True)) or "–"
