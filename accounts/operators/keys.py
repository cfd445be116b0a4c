"""Signing keys: their states and ages, a rotation, an emergency pull. Key material is never shown."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import urlencode

from accounts.audit.events import Event
from accounts.core.requests import source
from accounts.keys import rotation
from accounts.keys.models import SigningKey

from . import cells
from .page import ReadOnlyPage, post_only, require, staff

ROTATE = "accounts.change_signingkey"
State = SigningKey.State
_KINDS = {State.ACTIVE: "good", State.NEXT: "info", State.RETIRED: "quiet", State.GONE: "quiet"}


@admin.register(SigningKey)
class SigningKeyPage(ReadOnlyPage):
    """next → active → retired → gone."""

    list_display = ("short_kid", "purpose", "signs_with", "state_word", "age", "since")
    ordering = ("-published_at",)
    fields = ("kid", "purpose", "signs_with", "state_word", "published_at", "activated_at", "retired_at", "gone_at")
    readonly_fields = ("state_word", "signs_with")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("rotate/", view(self.rotate), name="accounts_signingkey_rotate"),
            path("<str:kid>/pull/", view(self.pull), name="accounts_signingkey_pull"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"may_rotate": staff(request).has_perm(ROTATE), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().change_view(
            request, object_id, form_url, {"may_pull": staff(request).is_superuser, **(extra_context or {})}
        )

    def history_of(self, object_id: str) -> str:
        return urlencode({"event": Event.KEYS_ROTATED})

    @post_only("admin:accounts_signingkey_changelist")
    def rotate(self, request: HttpRequest) -> HttpResponse:
        """The next key signs from now on; while it is too young the page says when it may."""
        actor = require(request, ROTATE)
        try:
            report = rotation.rotate(settings.ACCESS_TOKEN_ALGORITHM, actor=actor, source=source(request))
        except rotation.NotRipe as error:
            self.message_user(request, f"Nothing was changed: {error}.", messages.WARNING)
        else:
            active = ", ".join(f"{kid[:8]}…" for kid in report.activated) or "unchanged"
            self.message_user(request, f"Rotated. Active key: {active}.", messages.SUCCESS)
        return redirect("admin:accounts_signingkey_changelist")

    def pull(self, request: HttpRequest, kid: str) -> HttpResponse:
        """GET asks, POST acts: every token that this key has signed is refused within a second."""
        actor = staff(request)
        if not actor.is_superuser:
            raise PermissionDenied
        key = get_object_or_404(SigningKey.objects.exclude(state=State.GONE), kid=kid)
        if request.method == "POST":
            rotation.pull(key.kid, actor=actor.id, source=source(request))
            self.message_user(request, f"{key.kid[:8]}… is trusted no more.", messages.SUCCESS)
            return redirect("admin:accounts_signingkey_changelist")
        context = {**self.admin_site.each_context(request), "title": "Pull this key?", "opts": self.opts, "original": key}
        return TemplateResponse(request, "admin/accounts/signingkey/pull.html", context)

    @admin.display(description="Key", ordering="kid")
    def short_kid(self, key: SigningKey) -> str:
        return cells.code(f"{key.kid[:12]}…")

    @admin.display(description="Algorithm", ordering="algorithm")
    def signs_with(self, key: SigningKey) -> str:
        return key.algorithm

    @admin.display(description="In this state since")
    def since(self, key: SigningKey) -> str:
        return cells.ago(key.gone_at or key.retired_at or key.activated_at or key.published_at)

    @admin.display(description="State", ordering="state")
    def state_word(self, key: SigningKey) -> str:
        return cells.state(key.get_state_display(), _KINDS[State(key.state)])

    @admin.display(description="Made", ordering="published_at")
    def age(self, key: SigningKey) -> str:
        return cells.ago(key.published_at)
