from django.urls import path

from .views import federated_pages, pages, pages_verify
from .views.code import CodeVerifyView, CodeView
from .views.federated import FederatedView
from .views.mfa import MfaEnrolConfirmView, MfaEnrolView, MfaView
from .views.pages_choose_password import ChoosePasswordView
from .views.pages_code import CodeEnterView, CodePage
from .views.pages_confirm import ConfirmView
from .views.pages_reset import ResetCodeView, ResetView
from .views.pages_second_step import SecondStepView, SetUpView
from .views.pages_sign_in import PasskeySignInView, SignInView
from .views.pages_verify import VerifyView
from .views.passkeys import PasskeyAuthenticateView, PasskeyOptionsView
from .views.password import TokenObtainView
from .views.refresh import TokenRefreshView
from .views.revoke import TokenRevokeView
from .views.step_up import StepUpView
from .views.verify import TokenVerifyView

urlpatterns = [
    path("auth/token/refresh/", TokenRefreshView.as_view(), name="token-refresh"),
    path("auth/token/", TokenObtainView.as_view(), name="token-obtain"),
    path("auth/token/mfa/", MfaView.as_view(), name="token-mfa"),
    path("auth/token/mfa/enrol/", MfaEnrolView.as_view(), name="token-mfa-enrol"),
    path("auth/token/mfa/enrol/confirm/", MfaEnrolConfirmView.as_view(), name="token-mfa-enrol-confirm"),
    path("auth/step-up/", StepUpView.as_view(), name="step-up"),
    path("auth/code/", CodeView.as_view(), name="code-ask"),
    path("auth/code/verify/", CodeVerifyView.as_view(), name="code-verify"),
    path("auth/passkeys/authenticate/options/", PasskeyOptionsView.as_view(), name="passkey-options"),
    path("auth/passkeys/authenticate/", PasskeyAuthenticateView.as_view(), name="passkey-authenticate"),
    path("auth/federated/<slug:provider>/", FederatedView.as_view(), name="federated"),
    path("auth/token/verify/", TokenVerifyView.as_view(), name="token-verify"),
    path("auth/token/revoke/", TokenRevokeView.as_view(), name="token-revoke"),
    path("", pages.home, name="home"),
    path("account/federated/<slug:provider>/", federated_pages.begin, name="federated-begin"),
    path("account/federated/<slug:provider>/callback/", federated_pages.callback, name="federated-callback"),
    path("account/sign-in/", SignInView.as_view(), name="sign-in"),
    path("account/sign-in/passkey/", PasskeySignInView.as_view(), name="sign-in-passkey"),
    path("account/sign-in/confirm/", SecondStepView.as_view(), name="sign-in-confirm"),
    path("account/sign-in/set-up/", SetUpView.as_view(), name="sign-in-set-up"),
    path("account/sign-out/", pages.SignOutView.as_view(), name="sign-out"),
    path("account/code/", CodePage.as_view(), name="sign-in-code"),
    path("account/code/enter/", CodeEnterView.as_view(), name="sign-in-code-enter"),
    path("account/verify/", VerifyView.as_view(), name="verify"),
    path("account/verify/resend/", pages_verify.resend, name="verify-resend"),
    path("account/reset/", ResetView.as_view(), name="reset"),
    path("account/reset/code/", ResetCodeView.as_view(), name="reset-code"),
    path("account/confirm/", ConfirmView.as_view(), name="account-confirm"),
    path("account/choose-password/", ChoosePasswordView.as_view(), name="choose-password"),
]
