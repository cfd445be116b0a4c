from django.urls import path

from .views import well_known
from .views.apps import AppsView, WithdrawView
from .views.authorize import authorize
from .views.consent import ConsentView
from .views.device import DeviceAuthorizationView, DevicePage
from .views.introspect import IntrospectView
from .views.logout import SignOutConfirmedView, begin_sign_out
from .views.par import PushView
from .views.revoke import RevokeView
from .views.token import TokenView
from .views.userinfo import UserinfoView

urlpatterns = [
    path("oauth/token", TokenView.as_view(), name="oauth-token"),
    path("oauth/userinfo", UserinfoView.as_view(), name="oauth-userinfo"),
    path("oauth/introspect", IntrospectView.as_view(), name="oauth-introspect"),
    path("oauth/revoke", RevokeView.as_view(), name="oauth-revoke"),
    path("oauth/device", DeviceAuthorizationView.as_view(), name="oauth-device"),
    path("account/device/", DevicePage.as_view(), name="account-device"),
    path("oauth/par", PushView.as_view(), name="oauth-par"),
    path("oauth/authorize", authorize, name="oauth-authorize"),
    path("oauth/logout", begin_sign_out, name="oauth-logout"),
    path("account/sign-out/confirmed/", SignOutConfirmedView.as_view(), name="sign-out-confirmed"),
    path("account/consent/", ConsentView.as_view(), name="consent"),
    path("account/security/apps/", AppsView.as_view(), name="account-apps"),
    path("account/security/apps/<uuid:consent_id>/withdraw/", WithdrawView.as_view(), name="account-app-withdraw"),
    path(".well-known/openid-configuration", well_known.openid_configuration, name="openid-configuration"),
    path(".well-known/oauth-authorization-server", well_known.authorization_server, name="oauth-authorization-server"),
    path(".well-known/oauth-protected-resource", well_known.protected_resource, name="oauth-protected-resource"),
    path(".well-known/oauth-protected-resource/<path:inserted>", well_known.protected_resource, name="oauth-resource-below"),
]
