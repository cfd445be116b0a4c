"""Fields of the forms on pages. They refuse in our words: Django's call people "du" in German, and count what nobody counts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.core.shapes import is_one_line
from accounts.users.email import acceptable


class TextField(forms.CharField):
    default_error_messages = {
        "required": _("Fill in this field."),
        "max_length": _("Use at most %(limit_value)d characters."),
        "null_characters_not_allowed": _("Use printable characters on one line."),
    }


class NameField(TextField):
    """Names travel into mails and pages: one line of printable characters."""

    def validate(self, value: Any) -> None:
        super().validate(value)
        if not is_one_line(value):
            raise forms.ValidationError(_("Use printable characters on one line."), code="unprintable")


class AddressField(TextField):
    """An e-mail address as it is stored. What is no address at all is refused; of others nothing is told (SECURITY E-01)."""

    def __init__(self) -> None:
        super().__init__(max_length=254)

    def clean(self, value: Any) -> str:
        return acceptable(super().clean(value))


class PasswordField(TextField):
    """Taken as typed. A new one may be longer than any, so that the policy is what refuses."""

    def __init__(self, *, max_length: int = 1000) -> None:
        super().__init__(max_length=max_length, strip=False, widget=forms.PasswordInput)
