"""All paths: one line a room."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path

from project import errors, health, metrics

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("api.urls")),
    path("", include("accounts.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    # Last: what apps ask for and is not there has one shape, where DEBUG would show a page and Django redirect to the slash.
    re_path(r"^(?:/*)(?:[Aa][Uu][Tt][Hh]|[Aa][Pp][Ii]|oauth|\.well-known)(?:/|$)", errors.nothing_here),
]

handler400 = "project.errors.bad_request"
handler403 = "project.errors.permission_denied"
handler404 = "project.errors.page_not_found"
handler500 = "project.errors.server_error"
