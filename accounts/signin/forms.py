"""Forms of the sign-in pages."""

from django import forms

from accounts.browser.fields import AddressField, NameField, PasswordField, TextField

_CODE = 40
_SEALED = 4000


class SignInForm(forms.Form):
    """Neither field is trimmed beyond what the rule does itself. What is no address is nobody's."""

    email = TextField(max_length=254)
    password = PasswordField(max_length=256)


class SignUpForm(forms.Form):
    name = NameField(max_length=150, required=False)
    email = AddressField()
    password = PasswordField()


class AddressForm(forms.Form):
    email = AddressField()


class CodeForm(forms.Form):
    code = TextField(max_length=_CODE)


class AddressedCodeForm(CodeForm):
    """For a browser that does not know whom the code was mailed to."""

    email = AddressField()


class PasskeyForm(forms.Form):
    """Filled by the script: `credential` is JSON."""

    challenge = TextField(max_length=_SEALED)
    credential = TextField(max_length=20_000)


class SecondStepForm(forms.Form):
    """`code`, or `credential` from a passkey; `options` is what the passkey was asked, for showing the page again."""

    challenge = TextField(max_length=_SEALED)
    method = TextField(max_length=20)
    code = TextField(max_length=_CODE, required=False)
    credential = TextField(max_length=20_000, required=False)
    options = TextField(max_length=20_000, required=False)
    remember = forms.BooleanField(required=False)


class SetUpForm(CodeForm):
    challenge = TextField(max_length=_SEALED)


class ConfirmForm(forms.Form):
    """`code` is whatever the method asks for, a password too: taken as typed."""

    method = TextField(max_length=20)
    code = TextField(max_length=256, strip=False, required=False)
    challenge = TextField(max_length=_SEALED, required=False)
    credential = TextField(max_length=20_000, required=False)


class SetPasswordForm(forms.Form):
    new_password = PasswordField()


class ResetCodeForm(SetPasswordForm):
    code = TextField(max_length=_CODE)


class FirstAdministratorForm(SetPasswordForm):
    email = AddressField()
    name = NameField(max_length=150, required=False)
