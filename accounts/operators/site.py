"""The admin site without a session: it signs in through our own page and reads the staff member again on every request."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, TypeVar

from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.models import LogEntry
from django.core.exceptions import BadRequest, ValidationError
from django.db import DataError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.browser.middleware import presence_of
from accounts.browser.presence import live_device
from accounts.browser.redirects import to_confirm
from accounts.core.clock import now
from accounts.core.proofs import at_least
from accounts.users.demands import demanded
from accounts.users.models import User
from accounts.users.standing import is_open

from . import dashboard
from .page import is_stale

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
_SAFE = {"GET", "HEAD", "OPTIONS"}
_SECTIONS = {
    "People": ("User", "Group"),
    "Security": ("Device", "SigningKey", "AuditEvent"),
    "Single sign-on": ("Client", "Service"),
}


class OperatorsSite(AdminSite):
    """Replaces the four places where the stock site touches `request.session`."""

    site_header = settings.PRODUCT_NAME
    site_title = settings.PRODUCT_NAME
    index_title = "Administration"
    empty_value_display = "–"
    enable_nav_sidebar = False  # The sections stand in the header: five links need no column of their own.

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # People and keys are never deleted here; a model that may be deleted has a page and a rule for it.
        self.disable_action("delete_selected")

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff now, by the database, signed in within `STAFF_SIGN_IN_LIFETIME` (SECURITY A-01, A-02)."""
        if not hasattr(request, "_staff"):
            request._staff = _staff_of(request)  # type: ignore[attr-defined]
            if request._staff is not None:  # type: ignore[attr-defined]
                request.user = request._staff  # type: ignore[attr-defined]
        return request._staff is not None  # type: ignore[attr-defined]

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Every page, and every one to come, is served through here: what is posted wants a proof of the last minutes, like its
        counterpart in the API (SECURITY A-17). 400 for forged keys and filters (no UUID, too large, NUL), which the stock
        admin answers with 500."""

        def refusing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method not in _SAFE and is_stale(request):
                messages.warning(request, _("Nothing has been changed. Confirm that it is you, then do it once more."))
                return to_confirm(request.get_full_path())
            try:
                return view(request, *args, **kwargs)
            except (ValidationError, OverflowError, DataError) as error:
                raise BadRequest("a value that no page of ours sends") from error

        return super().admin_view(update_wrapper(refusing, view), cacheable)  # type: ignore[return-value] # wraps the same

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        figures = {"dashboard": dashboard.figures(request.user), "latest_events": dashboard.latest_events(request.user)}
        return super().index(request, {**figures, **(extra_context or {})})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Our sign-in page; somebody who is signed in already is told why that is not enough."""
        target = request.GET.get("next", reverse("admin:index"))
        if presence_of(request) is not None and not self.has_permission(request):
            messages.warning(
                request, "The administration is for staff who signed in today, with a second factor if one is asked for."
            )
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': target})}")

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("sign-out")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account-security")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account-security")

    def get_log_entries(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """Empty: what staff do is an audit event."""
        return LogEntry.objects.none()

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """By what operators look for, not by Django app; models of other apps follow in sections of their own."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        ours = [app for app in apps if app["app_label"] in {"accounts", "auth"}]
        models = {model["object_name"]: model for app in ours for model in app["models"]}
        sections = [
            {**ours[0], "name": title, "app_url": reverse("admin:index"), "models": shown}
            for title, names in _SECTIONS.items()
            if (shown := [models.pop(name) for name in names if name in models])
        ]
        return [*sections, *(app for app in apps if app not in ours)]


def _staff_of(request: HttpRequest) -> User | None:
    found = presence_of(request)
    if found is None or now() - found.grant.auth_time > settings.STAFF_SIGN_IN_LIFETIME.total_seconds():
        return None
    device = live_device(found.grant.device_id)
    if device is None or not (is_open(device.user) and device.user.is_staff):
        return None
    # A device from before the role asked for two factors (SECURITY P-09).
    return device.user if at_least(device.acr, demanded(device.user)) else None
