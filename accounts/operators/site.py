"""The admin site without a session: it signs in through our own page and reads the staff member again on every request."""

from typing import Any

from django.conf import settings
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.browser.middleware import presence_of
from accounts.browser.presence import live_device
from accounts.core.clock import now


class OperatorsSite(AdminSite):
    """Replaces the four places where the stock site touches `request.session`."""

    site_header = settings.PRODUCT_NAME
    site_title = settings.PRODUCT_NAME
    index_title = "Administration"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff now, by the database, signed in within `STAFF_SIGN_IN_LIFETIME` (SECURITY A-01, A-02)."""
        found = presence_of(request)
        if found is None or now() - found.grant.auth_time > settings.STAFF_SIGN_IN_LIFETIME.total_seconds():
            return False
        device = live_device(found.grant.device_id)
        if device is None or not (device.user.is_active and device.user.is_staff):
            return False
        request.user = device.user
        return True

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        target = request.GET.get("next", reverse("admin:index"))
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': target})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("sign-out")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("security")
