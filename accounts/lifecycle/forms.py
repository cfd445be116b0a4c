"""Forms of the account pages."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.core.shapes import is_one_line


class NameField(forms.CharField):
    """Names travel into mails and pages: one line of printable characters."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not is_one_line(value):
            raise forms.ValidationError(_("Use printable characters on one line."), code="unprintable")


_CHOOSE = {"required": _("Choose a language."), "invalid_choice": _("Choose a language.")}


class ProfileForm(forms.Form):
    name = NameField(max_length=150, required=False)
    language = forms.ChoiceField(choices=lambda: settings.LANGUAGES, error_messages=_CHOOSE)


class PasskeyNameForm(forms.Form):
    name = NameField(max_length=100)


class NewEmailForm(forms.Form):
    email = forms.CharField(max_length=254)


class CodeForm(forms.Form):
    code = forms.CharField(max_length=20)


class NewPasswordForm(forms.Form):
    """Longer than any password, so that the policy is what refuses."""

    new_password = forms.CharField(max_length=1000, strip=False, widget=forms.PasswordInput)


class PasswordChangeForm(NewPasswordForm):
    current_password = forms.CharField(max_length=256, strip=False, widget=forms.PasswordInput)


class LeavingForm(forms.Form):
    """`confirm`: one's own e-mail address, typed."""

    confirm = forms.CharField(max_length=254)
