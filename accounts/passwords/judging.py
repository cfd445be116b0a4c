"""A new password on a page is judged beside what else is wrong there, so that nobody mends one field to be told of the next."""

from django.core.exceptions import ValidationError
from django.forms import Form

from accounts.users.models import User

from . import policy


def judge(form: Form, field: str, user: User) -> None:
    """Adds to a form that has been validated what the policy says of `field`, if it was filled in."""
    if password := form.cleaned_data.get(field):
        try:
            policy.require_acceptable(password, user)
        except ValidationError as error:
            form.add_error(field, error)
