"""The paths of the authorization server."""

from django.urls import include, path

# A path is compared with every line above its own, so what apps ask most often comes first.
urlpatterns = [
    path("", include("accounts.signin.urls")),
    path("", include("accounts.federation.urls")),
    path("", include("accounts.keys.urls")),
    path("", include("accounts.oidc.urls")),
    path("", include("accounts.tokens.urls")),
    path("", include("accounts.lifecycle.urls")),
    path("", include("accounts.passkeys.urls")),
    path("", include("accounts.passwords.urls")),
]
