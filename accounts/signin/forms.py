"""Forms of the sign-in pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.core.shapes import is_one_line
from accounts.users.email import acceptable

_CODE = 40
_SEALED = 4000


def validate_one_line(value: str) -> None:
    """Names travel into mails and pages."""
    if not is_one_line(value):
        raise forms.ValidationError(_("Use printable characters on one line."), code="unprintable")


class SignInForm(forms.Form):
    """Neither field is trimmed beyond what the rule does itself."""

    email = forms.CharField(max_length=254)
    password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)


class SignUpForm(forms.Form):
    """The password is taken as typed; longer than any, so that the policy is what refuses."""

    name = forms.CharField(max_length=150, required=False, validators=[validate_one_line])
    email = forms.CharField(max_length=254)
    password = forms.CharField(max_length=1000, strip=False, widget=forms.PasswordInput)

    def clean_email(self) -> str:
        try:
            return acceptable(self.cleaned_data["email"])
        except forms.ValidationError:
            raise forms.ValidationError(_("Enter a valid e-mail address."), code="invalid") from None


class AddressForm(forms.Form):
    email = forms.CharField(max_length=254)


class CodeForm(forms.Form):
    code = forms.CharField(max_length=_CODE)


class AddressedCodeForm(CodeForm):
    """For a browser that does not know whom the code was mailed to."""

    email = forms.CharField(max_length=254)


class PasskeyForm(forms.Form):
    """Filled by the script: `credential` is JSON."""

    challenge = forms.CharField(max_length=_SEALED)
    credential = forms.CharField(max_length=20_000)


class SecondStepForm(forms.Form):
    """`code`, or `credential` from a passkey; `options` is what the passkey was asked, for showing the page again."""

    challenge = forms.CharField(max_length=_SEALED)
    method = forms.CharField(max_length=20)
    code = forms.CharField(max_length=_CODE, required=False)
    credential = forms.CharField(max_length=20_000, required=False)
    options = forms.CharField(max_length=20_000, required=False)
    remember = forms.BooleanField(required=False)


class SetUpForm(CodeForm):
    challenge = forms.CharField(max_length=_SEALED)


class ConfirmForm(forms.Form):
    """`code` is whatever the method asks for, a password too: taken as typed."""

    method = forms.CharField(max_length=20)
    code = forms.CharField(max_length=256, strip=False, required=False)
    challenge = forms.CharField(max_length=_SEALED, required=False)
    credential = forms.CharField(max_length=20_000, required=False)


class SetPasswordForm(forms.Form):
    new_password = forms.CharField(max_length=1000, strip=False, widget=forms.PasswordInput)


class ResetCodeForm(SetPasswordForm):
    code = forms.CharField(max_length=_CODE)


class FirstAdministratorForm(SetPasswordForm):
    email = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=150, required=False)
