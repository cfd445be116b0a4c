from django.urls import path

from .views import pages
from .views.password import TokenObtainView
from .views.refresh import TokenRefreshView
from .views.revoke import TokenRevokeView
from .views.verify import TokenVerifyView

urlpatterns = [
    path("", pages.home, name="home"),
    path("auth/token/", TokenObtainView.as_view(), name="token-obtain"),
    path("auth/token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/verify/", TokenVerifyView.as_view(), name="token-verify"),
    path("auth/token/revoke/", TokenRevokeView.as_view(), name="token-revoke"),
    path("account/sign-in/", pages.SignInView.as_view(), name="sign-in"),
    path("account/sign-out/", pages.SignOutView.as_view(), name="sign-out"),
    path("account/security/", pages.security, name="account-security"),
    path("account/security/devices/<uuid:device_id>/sign-out/", pages.sign_device_out, name="account-device-sign-out"),
    path("account/security/sign-out-others/", pages.sign_others_out, name="account-sign-out-others"),
    path("account/reset/", pages.SetPasswordView.as_view(), name="set-password"),
]
