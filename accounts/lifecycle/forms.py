"""Forms of the account pages."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.browser.fields import AddressField, NameField, PasswordField, TextField

_CHOOSE = {"required": _("Choose a language."), "invalid_choice": _("Choose a language.")}


class ProfileForm(forms.Form):
    name = NameField(max_length=150, required=False)
    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES, error_messages=_CHOOSE)


class PasskeyNameForm(forms.Form):
    name = NameField(max_length=100)


class NewEmailForm(forms.Form):
    email = AddressField()


class CodeForm(forms.Form):
    code = TextField(max_length=20)


class NewPasswordForm(forms.Form):
    new_password = PasswordField()


class PasswordChangeForm(NewPasswordForm):
    current_password = PasswordField(max_length=256)


class LeavingForm(forms.Form):
    """`confirm`: one's own e-mail address, typed."""

    confirm = TextField(max_length=254)
