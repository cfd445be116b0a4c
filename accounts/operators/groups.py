"""Roles: Django groups. A change reaches the tokens of every member within a second."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import admin as _stock  # noqa: F401
from django.contrib.auth.models import Group
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from accounts.core.requests import source
from accounts.lifecycle import groups

from . import permissions
from .page import Page, staff

# Imported so that its own registration has happened, and can be undone.
admin.site.unregister(Group)


@admin.register(Group)
class GroupPage(Page):
    """Only superusers make, change and delete roles here: whoever shapes a role could shape their own."""

    list_display = ("name", "members", "permission_count")
    search_fields = ("name",)
    search_help_text = "The role's name."
    ordering = ("name",)
    fields = ("name", "permissions")
    filter_horizontal = ("permissions",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        roles: QuerySet[Group] = super().get_queryset(request)
        return roles.annotate(people=Count("user", distinct=True), rights=Count("permissions", distinct=True))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return staff(request).is_superuser

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return staff(request).is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return staff(request).is_superuser

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        choices = {"queryset": permissions.offered(), "form_class": permissions.PermissionsField}
        return super().formfield_for_manytomany(db_field, request, **choices, **kwargs)

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        wanted = permissions.names(form.cleaned_data["permissions"])
        actor, where = staff(request).id, source(request)
        if change:
            groups.update(form.initial["name"], new_name=obj.name, permissions=wanted, actor_id=actor, source=where)
        else:
            obj.pk = groups.create(obj.name, wanted, actor_id=actor, source=where).pk

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: the rule has set the permissions."""

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        groups.delete(obj.name, actor_id=staff(request).id, source=source(request))

    def history_of(self, object_id: str) -> str:
        """Events name a role by its name; of one that is gone nobody knows it any more."""
        names = {str(key): name for key, name in Group.objects.values_list("pk", "name")}
        return urlencode({"q": names.get(object_id, object_id)})

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Not each membership by name: a role may have a million."""
        members = sum(group.user_set.count() for group in objs)
        return [str(group) for group in objs], {"roles": len(objs), "members who lose it": members}, set(), []

    @admin.display(description="Members", ordering="people")
    def members(self, group: Group) -> str:
        link = f"{reverse('admin:accounts_user_changelist')}?role={group.pk}"
        return format_html('<a href="{}">{}</a>', link, group.people)  # type: ignore[attr-defined]

    @admin.display(description="Permissions", ordering="rights")
    def permission_count(self, group: Group) -> int:
        return int(group.rights)  # type: ignore[attr-defined]
