"""Forms of the sign-in pages."""

from django import forms


class SignInForm(forms.Form):
    """Neither field is trimmed beyond what the rule does itself."""

    email = forms.CharField(max_length=254)
    password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)


class SetPasswordForm(forms.Form):
    new_password = forms.CharField(max_length=1000, strip=False, widget=forms.PasswordInput)


class FirstAdministratorForm(SetPasswordForm):
    email = forms.EmailField(max_length=254)
    name = forms.CharField(max_length=150, required=False)
