"""The paths of the authorization server."""

from django.urls import include, path

urlpatterns = [
    path("", include("accounts.federation.urls")),
    path("", include("accounts.keys.urls")),
    path("", include("accounts.lifecycle.urls")),
    path("", include("accounts.passkeys.urls")),
    path("", include("accounts.passwords.urls")),
    path("", include("accounts.signin.urls")),
]
