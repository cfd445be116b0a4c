"""The paths of the authorization server."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.keys.urls")),
    path("", include("accounts.signin.urls")),
]
