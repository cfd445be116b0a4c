from django.urls import path

from .views import pages_leaving
from .views.config import ConfigView
from .views.email import EmailChangeConfirmView, EmailChangeUndoView, ResendView, VerifyEmailView
from .views.guests import GuestView
from .views.pages_authenticator import (
    AuthenticatorConfirmView,
    AuthenticatorRemoveView,
    AuthenticatorView,
    RecoveryCodesView,
)
from .views.pages_identity import IdentityLinkView, IdentityUnlinkView
from .views.pages_leaving import DeleteView, ExportView
from .views.pages_mailed import DeletionCancelView, EmailConfirmView, EmailUndoView, NotMeView
from .views.pages_passkeys import PasskeyAddView, PasskeyRemoveView, PasskeyView
from .views.pages_password import PasswordView
from .views.pages_profile import EmailCodeView, EmailView, ProfileView
from .views.pages_security import SecurityView, SignDeviceOutView, SignOthersOutView
from .views.pages_sign_up import PasskeySignUpPage, SignUpPage
from .views.registration import PasskeySignUpOptionsView, PasskeySignUpView, RegisterView
from .views.reset import ResetConfirmView, ResetView

urlpatterns = [
    path("auth/config/", ConfigView.as_view(), name="config"),
    path("auth/register/", RegisterView.as_view(), name="register"),
    path("auth/email/verify/", VerifyEmailView.as_view(), name="email-verify"),
    path("auth/email/resend/", ResendView.as_view(), name="email-resend"),
    path("auth/email/change/confirm/", EmailChangeConfirmView.as_view(), name="email-change-confirm"),
    path("auth/email/change/undo/", EmailChangeUndoView.as_view(), name="email-change-undo"),
    path("auth/passkeys/register/options/", PasskeySignUpOptionsView.as_view(), name="passkey-sign-up-options"),
    path("auth/passkeys/register/", PasskeySignUpView.as_view(), name="passkey-sign-up"),
    path("auth/password/reset/", ResetView.as_view(), name="password-reset"),
    path("auth/password/reset/confirm/", ResetConfirmView.as_view(), name="password-reset-confirm"),
    path("auth/guest/", GuestView.as_view(), name="guest"),
    path("account/sign-up/", SignUpPage.as_view(), name="sign-up"),
    path("account/sign-up/passkey/", PasskeySignUpPage.as_view(), name="sign-up-passkey"),
    path("account/security/", SecurityView.as_view(), name="account-security"),
    path("account/security/devices/<uuid:device_id>/sign-out/", SignDeviceOutView.as_view(), name="account-device-sign-out"),
    path("account/security/sign-out-others/", SignOthersOutView.as_view(), name="account-sign-out-others"),
    path("account/security/password/", PasswordView.as_view(), name="account-password"),
    path("account/security/authenticator/", AuthenticatorView.as_view(), name="account-authenticator"),
    path("account/security/authenticator/code/", AuthenticatorConfirmView.as_view(), name="account-authenticator-code"),
    path("account/security/authenticator/remove/", AuthenticatorRemoveView.as_view(), name="account-authenticator-remove"),
    path("account/security/recovery-codes/", RecoveryCodesView.as_view(), name="account-recovery-codes"),
    path("account/security/passkeys/add/", PasskeyAddView.as_view(), name="account-passkey-add"),
    path("account/security/passkeys/<uuid:passkey_id>/", PasskeyView.as_view(), name="account-passkey"),
    path("account/security/passkeys/<uuid:passkey_id>/remove/", PasskeyRemoveView.as_view(), name="account-passkey-remove"),
    path("account/security/identities/link/", IdentityLinkView.as_view(), name="account-identity-link"),
    path("account/security/identities/<uuid:identity_id>/unlink/", IdentityUnlinkView.as_view(), name="account-identity-unlink"),
    path("account/profile/", ProfileView.as_view(), name="account-profile"),
    path("account/profile/email/", EmailView.as_view(), name="account-email"),
    path("account/profile/email/code/", EmailCodeView.as_view(), name="account-email-code"),
    path("account/export/", ExportView.as_view(), name="account-export"),
    path("account/delete/", DeleteView.as_view(), name="account-delete"),
    path("account/deleted/", pages_leaving.deleted, name="account-deleted"),
    path("account/delete/cancel/", DeletionCancelView.as_view(), name="account-delete-cancel"),
    path("account/email/", EmailConfirmView.as_view(), name="account-email-confirm"),
    path("account/email/undo/", EmailUndoView.as_view(), name="account-email-undo"),
    path("account/not-me/", NotMeView.as_view(), name="account-not-me"),
]
