"""What every page of the admin shares: actions in one transaction, an allow-list of lookups, audit events for history."""

import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar

from django.contrib.admin import ModelAdmin, ShowFacets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.browser.middleware import presence_of
from accounts.browser.redirects import to_confirm
from accounts.tokens.permissions import is_fresh
from accounts.users.models import User

_Act = Callable[..., HttpResponse]


class Page(ModelAdmin):  # type: ignore[type-arg] # not subscriptable at run time
    """`filters`: the query parameters that may narrow the list. Any other, `?password__startswith=` say, is 400."""

    filters: ClassVar[tuple[str, ...]] = ()
    list_per_page = 50
    show_full_result_count = False
    show_facets = ShowFacets.NEVER

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup in self.filters

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """An action is one transaction."""
        shown = {"title": str(self.opts.verbose_name_plural).capitalize(), **(extra_context or {})}
        if request.method != "POST":
            return super().changelist_view(request, shown)
        with transaction.atomic():
            return super().changelist_view(request, shown)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The audit trail of this object; there are no `LogEntry` rows."""
        return redirect(f"{reverse('admin:accounts_auditevent_changelist')}?{self.history_of(object_id)}")

    def history_of(self, object_id: str) -> str:
        """The query that finds the audit events of an object."""
        return urlencode({"q": object_id})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Without the buttons that add, change or delete a related object in a pop-up window."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(field.widget, RelatedFieldWidgetWrapper):
            for may in ("can_add_related", "can_change_related", "can_delete_related", "can_view_related"):
                setattr(field.widget, may, False)
        return field

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """The thing's own name for a title; and, before anything is typed, whether saving will ask for a proof."""
        if context.get("original") is not None:
            context |= {"title": str(context["original"]), "subtitle": None}
        context["confirm_first"] = to_confirm(request.get_full_path()).url if is_stale(request) else ""
        return super().render_change_form(request, context, *args, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the rule that made the change has recorded it."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing: the rule that made the change has recorded it."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> None:  # type: ignore[override]
        """Nothing: the rule that made the change has recorded it."""


class ReadOnlyPage(Page):
    """Shown, never edited; what may be done here are actions with names."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        name = f"{self.opts.app_label}.view_{self.opts.model_name}"
        return staff(request).has_perm(name) or staff(request).has_perm(name.replace(".view_", ".change_"))


def staff(request: HttpRequest) -> User:
    """The staff member, read from the database in this request. Raises `PermissionDenied` outside the admin site."""
    if not isinstance(request.user, User) or not request.user.is_staff:
        raise PermissionDenied
    return request.user


def post_only(home: str, *keys: str) -> Callable[[_Act], _Act]:
    """For what can only be posted: whoever comes in another way, back from the confirmation say, is led to `home`, the page that
    has its button. `keys` are the words of the address that name it."""

    def decorate(act: _Act) -> _Act:
        @wraps(act)
        def view(page: Any, request: HttpRequest, **named: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(home, *(named[key] for key in keys))
            return act(page, request, **named)

        return view

    return decorate


def is_stale(request: HttpRequest) -> bool:
    """Whether a fresh proof is to be asked for first (RFC 9470)."""
    found = presence_of(request)
    return found is None or not is_fresh(found.grant)


def require(request: HttpRequest, permission: str) -> uuid.UUID:
    """The id of the staff member, who must hold `permission`. Raises `PermissionDenied`."""
    if not staff(request).has_perm(permission):
        raise PermissionDenied
    return staff(request).id
