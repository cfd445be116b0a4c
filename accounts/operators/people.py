"""People: found, invited, renamed, given roles, disabled, signed out. Nobody types or sees a password here."""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path

from accounts.core.errors import Problem
from accounts.core.requests import source
from accounts.devices.models import Device
from accounts.lifecycle import directory, export, rank
from accounts.users.models import User
from accounts.users.standing import Standing, standing

from . import cells, devices, people_acts, permissions, ways
from .page import Page, post_only, require, staff
from .people_acts import MAY_ACT, MAY_EXPORT
from .people_filters import LastSeenFilter, RoleFilter, StateFilter

_POWERS = ("is_staff", "is_superuser", "groups", "user_permissions")
_FACTS = ("standing_word", "ways_to_sign_in", "email_verified_at", "last_seen", "created_at", "id", "epoch")
_KINDS = {Standing.ACTIVE: "good", Standing.UNVERIFIED: "info", Standing.DISABLED: "bad", Standing.LEAVING: "bad"}


@admin.register(User)
class PersonPage(Page):
    """Every change goes through a rule of `accounts.lifecycle`, which outdates tokens and records what was done."""

    list_display = ("address", "name", "standing_word", "rank_word", "last_seen", "roles")
    list_filter = (RoleFilter, StateFilter, LastSeenFilter, "is_staff")
    filters = ("role", "state", "seen", "is_staff__exact")
    search_fields = ("email", "name")
    search_help_text = "E-mail address, name or id."
    ordering = ("email",)
    filter_horizontal = ("groups", "user_permissions")
    actions = ("disable", "enable", "sign_out_everywhere", "send_password_link")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        newest = Device.objects.filter(user=OuterRef("pk")).order_by("-last_seen_at").values("last_seen_at")[:1]
        people: QuerySet[User] = super().get_queryset(request)
        return people.annotate(last_seen_at=Subquery(newest)).prefetch_related("groups")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        try:
            return queryset.filter(id=uuid.UUID(search_term.strip())), False
        except ValueError:
            return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.act)
        download = self.admin_site.admin_view(self.export)
        return [
            path("<uuid:user_id>/act/<slug:name>/", view, name="accounts_user_act"),
            path("<uuid:user_id>/export/", download, name="accounts_user_export"),
            *super().get_urls(),
        ]

    # --- What may be seen and edited by whom -------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        if obj is None:
            given = ("is_staff", "groups") if staff(request).is_superuser else ()
            return [(None, {"fields": ("email", "name", *given), "description": "A mail lets them choose their own password."})]
        return [
            (None, {"fields": ("email", "name", "standing_word", "ways_to_sign_in", "last_seen")}),
            ("Roles", {"fields": ("is_staff", "is_superuser", "groups")}),
            ("Permissions beside the roles", {"fields": ("user_permissions",), "classes": ("collapse",)}),
            ("More", {"fields": ("id", "created_at", "email_verified_at", "epoch"), "classes": ("collapse",)}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Powers are edited by superusers, and by nobody on themselves (SECURITY A-03)."""
        if obj is None:
            return ()
        may_empower = staff(request).is_superuser and staff(request).pk != obj.pk
        return ("email", *_FACTS, *(() if may_empower else _POWERS))

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        if isinstance(obj, User) and obj.is_superuser and not staff(request).is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Guests have no address, and nobody is invited to be one."""
        if db_field.name == "email":
            kwargs["required"] = True
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "user_permissions":
            kwargs |= {"queryset": permissions.offered(), "form_class": permissions.PermissionsField}
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    # --- Pages -------------------------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        shown = {"title": "Invite a person", "show_save_and_continue": False, "show_save_and_add_another": False}
        return super().add_view(request, form_url, {**shown, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        viewer, subject = staff(request), self.get_object(request, object_id)
        shown: dict[str, Any] = {"show_save_and_add_another": False}
        if subject is not None and viewer.has_perm("accounts.view_device"):
            shown["devices"] = devices.shown(subject)
            shown["may_sign_out"] = viewer.has_perm(devices.SIGN_OUT)
        if subject is not None and self.has_change_permission(request, subject):
            shown["acts"] = people_acts.offered(viewer, subject)
        if subject is not None and (viewer.is_superuser or not subject.is_superuser):
            shown["may_export"] = viewer.has_perm(MAY_EXPORT)
        return super().change_view(request, object_id, form_url, {**shown, **(extra_context or {})})

    @post_only("admin:accounts_user_change", "user_id")
    def act(self, request: HttpRequest, user_id: uuid.UUID, name: str) -> HttpResponse:
        """A button on somebody's page; back to the page."""
        if name not in people_acts.ACTS:
            raise Http404
        people_acts.perform(self, request, name, User.objects.filter(id=user_id))
        return redirect("admin:accounts_user_change", user_id)

    @post_only("admin:accounts_user_change", "user_id")
    def export(self, request: HttpRequest, user_id: uuid.UUID) -> HttpResponse:
        """Everything that is held about somebody, as a file."""
        try:
            found = export.document_for_staff(user_id, actor_id=require(request, MAY_EXPORT), source=source(request))
        except Problem as problem:
            self.message_user(request, problem.detail, messages.ERROR)
            return redirect("admin:accounts_user_changelist")
        return JsonResponse(found, json_dumps_params={"indent": 2, "ensure_ascii": False}, headers=export.ATTACHMENT)

    def response_add(self, request: HttpRequest, obj: User, post_url_continue: str | None = None) -> HttpResponse:
        self.message_user(request, f"An invitation is on its way to {obj.email}.", messages.SUCCESS)
        return redirect("admin:accounts_user_changelist")

    # --- Changes, each by its rule -----------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        actor, where, fields = staff(request).id, source(request), form.cleaned_data
        groups: QuerySet[Group] | None = fields.get("groups")
        names = None if groups is None else list(groups.values_list("name", flat=True))
        if not change:
            made = directory.create(
                obj.email or "", name=obj.name, groups=names or (), is_staff=obj.is_staff, actor_id=actor, source=where
            )
            obj.pk = made.pk
            return
        directory.update(
            obj.pk, name=fields.get("name"), groups=names, is_staff=fields.get("is_staff"), actor_id=actor, source=where
        )
        if "is_superuser" in fields:
            rank.set_superuser(obj.pk, fields["is_superuser"], actor_id=actor, source=where)
        if "user_permissions" in fields:
            rank.set_permissions(obj.pk, fields["user_permissions"], actor_id=actor, source=where)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: the rules have set the groups and permissions."""

    # --- Actions on the list -----------------------------------------------------------------------------------

    def has_act_permission(self, request: HttpRequest) -> bool:
        return staff(request).has_perm(MAY_ACT)

    @admin.action(description="Disable", permissions=["act"])
    def disable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people_acts.perform(self, request, "disable", queryset)

    @admin.action(description="Enable", permissions=["act"])
    def enable(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people_acts.perform(self, request, "enable", queryset)

    @admin.action(description="Sign out everywhere", permissions=["act"])
    def sign_out_everywhere(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people_acts.perform(self, request, "sign-out-everywhere", queryset)

    @admin.action(description="Send a set-password link", permissions=["act"])
    def send_password_link(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        people_acts.perform(self, request, "send-password-link", queryset)

    # --- Cells -------------------------------------------------------------------------------------------------

    @admin.display(description="E-mail address", ordering="email")
    def address(self, user: User) -> str:
        """A guest has none, and is still somebody to click on."""
        return str(user)

    @admin.display(description="State")
    def standing_word(self, user: User) -> str:
        word = standing(user)
        return cells.state(ways.state_of(user, word), _KINDS[word])

    @admin.display(description="Ways to sign in")
    def ways_to_sign_in(self, user: User) -> str:
        return ", ".join(ways.of(user)) or "None"

    @admin.display(description="Last seen")
    def last_seen(self, user: User) -> str:
        return cells.ago(user.last_seen_at)  # type: ignore[attr-defined]

    @admin.display(description="Staff", ordering="is_staff")
    def rank_word(self, user: User) -> str:
        if user.is_superuser:
            return cells.state("Superuser" if user.is_staff else "Superuser, not staff", "info")
        return cells.state("Staff", "info") if user.is_staff else "–"

    @admin.display(description="Roles")
    def roles(self, user: User) -> str:
        return ", ".join(sorted(group.name for group in user.groups.all())) or "–"
